package org.latchkey

import java.nio.file.Path

/** A second process on the same database: makes 40 passkeys in the folder, for accounts of this name. */
fun main(arguments: Array<String>) = test {
    val (folder, name) = arguments
    val phone = Shell(Path.of(folder)).open()
    repeat(40) { phone.provider().register(registration("$name$it")) }
    phone.shutDown()
}
