use super::*;

fn objects(connection: &Connection) -> Vec<String> {
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema ORDER BY name").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn an_empty_file_is_brought_to_the_newest_schema_and_left_alone_then() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, MIGRATIONS).unwrap();
    assert_eq!(schema(&connection).unwrap() as usize, MIGRATIONS.len());
    let before = objects(&connection);
    migrate(&mut connection, MIGRATIONS).unwrap();
    assert_eq!(objects(&connection), before);
    check(&connection, MIGRATIONS).unwrap();
}

#[test]
fn steps_are_taken_in_order_from_where_the_file_stands() {
    let steps = &["CREATE TABLE a (x)", "ALTER TABLE a RENAME TO b", "CREATE TABLE c (x)"];
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, &steps[..1]).unwrap();
    assert_eq!(objects(&connection), ["a"]);
    migrate(&mut connection, steps).unwrap();
    assert_eq!(objects(&connection), ["b", "c"]);
    assert_eq!(schema(&connection), Ok(3));
}

#[test]
fn a_step_that_fails_takes_the_others_back() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, &["CREATE TABLE a (x)"]).unwrap();
    let steps = &["CREATE TABLE a (x)", "CREATE TABLE b (x); DROP TABLE a", "CREATE TABLE b (x)"];
    assert!(matches!(migrate(&mut connection, steps), Err(VaultError::Storage(_))));
    assert_eq!(objects(&connection), ["a"]);
    assert_eq!(schema(&connection), Ok(1));
}

#[test]
fn a_newer_schema_is_refused() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, &["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).unwrap();
    let newer = VaultError::NewerSchema { found: 2, supported: 1 };
    assert_eq!(check(&connection, &["CREATE TABLE a (x)"]), Err(newer));
    assert_eq!(migrate(&mut connection, &["CREATE TABLE a (x)"]), Err(newer));
    assert_eq!(objects(&connection), ["a", "b"]);
}

#[test]
fn a_schema_that_cannot_be_is_damage() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, MIGRATIONS).unwrap();
    connection.pragma_update(None, "user_version", -1).unwrap();
    assert_eq!(check(&connection, MIGRATIONS), Err(VaultError::Corrupt));
}

#[test]
fn the_database_of_something_else_is_refused() {
    let with_tables = Connection::open_in_memory().unwrap();
    with_tables.execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert_eq!(check(&with_tables, MIGRATIONS), Err(VaultError::NotAVault));

    let marked = Connection::open_in_memory().unwrap();
    marked.pragma_update(None, "application_id", 1).unwrap();
    assert_eq!(check(&marked, MIGRATIONS), Err(VaultError::NotAVault));
}
