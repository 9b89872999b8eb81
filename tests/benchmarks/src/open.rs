//! What an extension does while its user waits: open the vault, list the passkeys of a relying party.

use std::time::Duration;

use latchkey_authenticator::ports::CredentialStore as _;

use crate::passkeys::{Folder, SEVERAL, SHARED_RP_ID, SIZES};
use crate::report::Line;
use crate::rounds::{Group, timed};

const AT_MOST: Duration = Duration::from_millis(3);

pub(crate) fn measure(folder: &Folder) -> Vec<Line> {
    let mut group = Group::default();
    for size in SIZES {
        let path = folder.vault(size, "open");
        let opened = path.clone();
        group.add(format!("open, {size} passkeys"), move || timed(|| folder.open_vault(&opened)));
        let listed =
            group.add(format!("open and list {SEVERAL} of one relying party, {size} passkeys"), move || {
                timed(|| {
                    let vault = folder.open_vault(&path);
                    assert_eq!(vault.discoverable(SHARED_RP_ID).unwrap().len(), SEVERAL as usize);
                    vault
                })
            });
        if size == 10_000 {
            group.aim(listed, AT_MOST);
        }
    }
    group.measure(Duration::from_secs(6))
}
