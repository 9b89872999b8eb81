use super::*;

fn pragma(database: &Database, name: &str) -> i64 {
    database.connection().query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn the_connection_is_set_up_as_promised() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("vault.sqlite"), Duration::from_millis(7)).unwrap();
    for (name, value) in [
        ("synchronous", 2),
        ("fullfsync", 1),
        ("checkpoint_fullfsync", 1),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("cell_size_check", 1),
        ("trusted_schema", 0),
        ("temp_store", 2),
        ("mmap_size", 0),
        ("busy_timeout", 7),
        ("application_id", migrations::APPLICATION_ID.into()),
    ] {
        assert_eq!(pragma(&database, name), value, "{name}");
    }
    let mode: String = database.connection().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn a_relaxed_commit_does_not_relax_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.sqlite");
    let mut database = Database::open(&path, Duration::from_millis(7)).unwrap();
    for (durability, synchronous) in
        [(Durability::Full, 2), (Durability::Relaxed, 1), (Durability::Relaxed, 1), (Durability::Full, 2)]
    {
        database.commit_each(durability).unwrap();
        assert_eq!(pragma(&database, "synchronous"), synchronous);
    }
    database.commit_each(Durability::Relaxed).unwrap();
    database.write().unwrap().commit().unwrap();
    assert_eq!(pragma(&database, "synchronous"), 2);
}

#[test]
fn what_is_not_committed_did_not_happen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.sqlite");
    let mut database = Database::open(&path, Duration::from_millis(7)).unwrap();
    database.write().unwrap().execute_batch("CREATE TABLE lost (x)").unwrap();
    let lost = database.connection().prepare("SELECT * FROM lost").err();
    assert!(lost.is_some());
}
