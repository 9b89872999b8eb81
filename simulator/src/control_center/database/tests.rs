use super::*;
use rusqlite::params;

fn open() -> (tempfile::TempDir, Database) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&folder.path().join("center.db")).unwrap();
    (folder, database)
}

fn user(name: &str) -> impl FnOnce(&Connection) -> Result<(), DatabaseError> + Send + 'static {
    let name = name.to_owned();
    move |db| users::ensure(db, &name, "entra_cloud", 0)
}

async fn count(database: &Database) -> i64 {
    let count = |db: &Connection| {
        Ok::<_, DatabaseError>(db.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?)
    };
    database.read(count).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_that_share_a_transaction_fail_alone() {
    let (_folder, database) = open();
    let database = std::sync::Arc::new(database);
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let database = std::sync::Arc::clone(&database);
            tokio::spawn(async move {
                database
                    .write(move |db| {
                        users::ensure(db, &format!("user {number}"), "entra_cloud", 0)?;
                        if number % 3 == 0 { Err(DatabaseError::Damaged) } else { Ok(()) }
                    })
                    .await
                    .is_ok()
            })
        })
        .collect();
    let mut kept = 0;
    for task in tasks {
        kept += i64::from(task.await.unwrap());
    }
    assert_eq!(kept, 133);
    assert_eq!(count(&database).await, 133);
}

#[tokio::test]
async fn two_nodes_share_one_file() {
    let (folder, one) = open();
    let two = Database::open(&folder.path().join("center.db")).unwrap();
    one.write(user("ada")).await.unwrap();
    assert_eq!(count(&two).await, 1);
    two.write(user("bo")).await.unwrap();
    assert_eq!(count(&one).await, 2);
}

#[tokio::test]
async fn readers_cannot_write() {
    let (_folder, database) = open();
    assert!(database.read(user("ada")).await.is_err());
    assert_eq!(count(&database).await, 0);
}

#[test]
fn files_of_others_and_of_later_versions_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE notes (text)").unwrap();
    assert!(matches!(Database::open(&path), Err(DatabaseError::Unknown)));
    let path = folder.path().join("later.db");
    drop(Database::open(&path).unwrap());
    let later = Connection::open(&path).unwrap();
    later.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Database::open(&path), Err(DatabaseError::Unknown)));
}

#[tokio::test]
async fn a_phone_goes_with_everything_that_is_its_own() {
    let (_folder, database) = open();
    database
        .write(|db| {
            users::ensure(db, "ada", "entra_cloud", 0)?;
            db.execute(
                "INSERT INTO registrations VALUES ('phone', 'ada', 'app', 'name', '1.0.0', x'00', 0, 0)",
                [],
            )?;
            db.execute(
                "INSERT INTO settled VALUES ('code', zeroblob(32), 'phone', x'01', NULL, 0)",
                params![],
            )?;
            registrations::remove(db, "phone")?;
            // But its code stays used.
            assert!(settled::find(db, "code")?.is_some_and(|settled| settled.device_id.is_none()));
            Ok::<_, DatabaseError>(())
        })
        .await
        .unwrap();
}
