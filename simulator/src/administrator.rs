//! The administrator of a tenant: install tokens, settings, magic links and the audit trail, over the wire.

use std::sync::Arc;

use latchkey_phone::control_center::wire::WorkstationSettings;
use latchkey_phone::control_center::{Address, Client, ControlCenterError};
use rustls::ClientConfig;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Days that an audit search goes back to: all of them.
const ALL_TIME: &str = "startTSUTC=0&endTSUTC=99999999999999";

/// An administrator who is signed in.
#[derive(Clone)]
pub struct Administrator {
    client: Client,
}

/// An event of the audit trail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Its name.
    pub event_name: String,
    /// What happened, for people.
    pub message: String,
    /// Milliseconds since the epoch.
    #[serde(rename = "eventTimeInUTC")]
    pub event_time_in_utc: u64,
    /// Everything else that the server tells of it.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

impl Administrator {
    /// The administrator of the Control Center at `address`, with its bearer token.
    ///
    /// # Errors
    /// [`ControlCenterError::Untrusted`]
    pub fn new(tls: Arc<ClientConfig>, address: &Address, token: &str) -> Result<Self, ControlCenterError> {
        Ok(Administrator { client: Client::new(tls, address)?.with_token(token) })
    }

    /// A token with which one more workstation of this RP application can be enrolled, for ten minutes.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub async fn install_token(&self, rp_app_id: &str) -> Result<String, ControlCenterError> {
        #[derive(Deserialize)]
        struct Answer {
            token: String,
        }
        let body = json!({ "scope": ["WSINSTALL"], "rpAppId": rp_app_id, "expiresInSecs": 600 });
        let answer: Answer = self.client.post("/rp/api/token/endpoint", &body).await?;
        Ok(answer.token)
    }

    /// The Workstation Settings of an RP application.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub async fn settings(&self, rp_app_id: &str) -> Result<WorkstationSettings, ControlCenterError> {
        self.client.get(&format!("/cc/api/appconfig/workstation?rpAppId={rp_app_id}")).await
    }

    /// Changes them.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub async fn set_settings(
        &self,
        rp_app_id: &str,
        settings: &WorkstationSettings,
    ) -> Result<(), ControlCenterError> {
        let path = format!("/cc/api/appconfig/workstation?rpAppId={rp_app_id}");
        self.client.put::<_, serde::de::IgnoredAny>(&path, settings).await.map(|_| ())
    }

    /// A link with which this account's owner opens the Device Manager.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub async fn magic_link(&self, email: &str) -> Result<String, ControlCenterError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            magic_link: String,
        }
        let answer: Answer = self.client.post("/cc/api/magiclink", &json!({ "email": email })).await?;
        Ok(answer.magic_link)
    }

    /// The latest thousand events of an RP application, the oldest first.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub async fn audit_trail(&self, rp_app_id: &str) -> Result<Vec<AuditEvent>, ControlCenterError> {
        #[derive(Deserialize)]
        struct Page {
            data: Vec<AuditEvent>,
            metadata: Metadata,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Metadata {
            total_pages: u64,
        }
        let mut events = Vec::new();
        // An answer has at most 16 KiB: pages of fifty events fit.
        for number in 0..20_u64 {
            let page: Page = self
                .client
                .get(&format!(
                    "/cc/api/versioned/audit/search?rpAppId={rp_app_id}&{ALL_TIME}&pageSize=50&pageNumber={number}\
                     &orderBy=eventTimeInUTC&sortDir=ASC"
                ))
                .await?;
            events.extend(page.data);
            if number + 1 >= page.metadata.total_pages {
                break;
            }
        }
        Ok(events)
    }
}
