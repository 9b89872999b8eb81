//! The command line of `control-center`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
An administrator's work with curl (BASE, CA and the token's file are printed at the start):

  call() { curl --silent --cacert .latchkey-control-center/ca.pem --json \"${2:-}\" \\
           --header \"Authorization: Bearer $(cat .latchkey-control-center/admin-token)\" \"https://localhost:8443$1\"; }

  # an install token, for `latchkey-sim workstation enroll`
  call /rp/api/token/endpoint '{\"scope\":[\"WSINSTALL\"],\"rpAppId\":\"HYPRDefaultWorkstationApplication\",\"expiresInSecs\":3600}'
  # a Magic Link, for the Device Manager in a browser
  call /cc/api/magiclink '{\"email\":\"ada@example.com\"}'
  # the audit trail
  curl --cacert .latchkey-control-center/ca.pem -H \"Authorization: Bearer $(cat .latchkey-control-center/admin-token)\" \\
       'https://localhost:8443/cc/api/versioned/audit/search?rpAppId=HYPRDefaultWorkstationApplication'

Everything else is described under /openapi.json; / is a page for people.";

/// Arguments of `control-center`.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ControlCenter {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8443", value_name = "ADDR:PORT")]
    pub listen: SocketAddr,
    /// Folder with the database, the administrator's token and the certificate authority; made if it
    /// does not exist
    #[arg(long = "state", default_value = ".latchkey-control-center", value_name = "DIR")]
    pub directory: PathBuf,
    /// Share what is pending with other nodes through this Redis server
    #[arg(long, value_name = "redis://HOST:PORT")]
    pub redis: Option<String>,
    /// What clients call this server by; https://NAME:PORT with the first --name if not given
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// RP ID of the FIDO2 server
    #[arg(long, default_value = "login.microsoft.com", value_name = "DOMAIN")]
    pub rp_id: String,
    /// Domain whose accounts belong to the tenant; may be repeated
    #[arg(long = "tenant-domain", default_values_t = ["example.com".to_owned()], value_name = "DOMAIN")]
    pub tenant_domains: Vec<String>,
    /// File with the administrator's token; made if it does not exist; DIR/admin-token if not given
    #[arg(long, value_name = "FILE")]
    pub admin_token_file: Option<PathBuf>,
    /// Certificate chain (PEM); without it one is generated
    #[arg(long, requires = "key", value_name = "FILE")]
    pub cert: Option<PathBuf>,
    /// Private key (PEM) of --cert
    #[arg(long, requires = "cert", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Name in a generated certificate; may be repeated
    #[arg(long = "name", default_values_t = ["localhost".to_owned()], value_name = "HOST", conflicts_with = "cert")]
    pub names: Vec<String>,
    /// Print where everything is as JSON
    #[arg(long)]
    pub json: bool,
}
