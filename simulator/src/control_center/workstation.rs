//! What a workstation asks for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use latchkey_phone::control_center::wire::{EnrollRequest, EnrollResponse, WorkstationResponse};

use super::body::{Answer, Body};
use super::caller::Workstation;
use super::center::Center;
use super::database::{links, pairings, workstations};
use super::refused::Refused;
use super::{settings, text, token};

/// POST /rp/versioned/workstation/enroll
pub(crate) async fn enroll(
    State(center): State<Arc<Center>>,
    Body(request): Body<EnrollRequest>,
) -> Answer<EnrollResponse> {
    let (hash, now) = (token::hash(&request.install_token), center.now());
    let rp_app_id = center
        .database
        .read(move |db| links::install_token(db, &hash, now))
        .await?
        .ok_or(Refused::Unauthorized)?;
    text::check_id(&request.machine_id, "machineId")?;
    text::check_name(&request.machine_name, "machineName")?;
    let public_key = request.public_key.0;
    if public_key.len() != 33 || p256::PublicKey::from_sec1_bytes(&public_key).is_err() {
        return Err(Refused::malformed("publicKey is not a compressed point of P-256"));
    }
    let workstation_token = token::random(token::Kind::Workstation, &*center.rng);
    let token_hash = token::hash(&*workstation_token);
    let machine = Workstation {
        machine_id: request.machine_id,
        machine_name: request.machine_name,
        rp_app_id: rp_app_id.clone(),
        public_key,
    };
    let enrolled =
        center.database.write(move |db| workstations::enroll(db, &machine, &token_hash, now)).await?;
    if !enrolled {
        return Err(Refused::AlreadyRegistered);
    }
    Ok(Json(EnrollResponse { workstation_token: workstation_token.as_str().to_owned(), rp_app_id }))
}

/// GET /rp/versioned/workstation/sync
pub(crate) async fn sync(
    State(center): State<Arc<Center>>,
    machine: Workstation,
) -> Answer<WorkstationResponse> {
    let now = center.now();
    let (settings, pairings) = center
        .database
        .read(move |db| {
            let settings = settings::of_app(db, &machine.rp_app_id)?;
            Ok::<_, Refused>((settings, pairings::of_workstation(db, &machine.machine_id, now)?))
        })
        .await?;
    Ok(Json(WorkstationResponse { settings, pairings, server_time: now }))
}
