//! Bluetooth adverts: sent and heard, by radio or over the simulator's own air.
