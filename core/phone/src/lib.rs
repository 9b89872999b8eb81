//! The facade a shell talks to.
