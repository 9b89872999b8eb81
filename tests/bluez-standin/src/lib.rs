//! Stands in for BlueZ on a private bus.
