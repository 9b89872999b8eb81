package org.latchkey.app.provider

import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import org.latchkey.LatchkeyException

class RefusalsTest {
    /** Every error of the core. */
    private val all = LatchkeyException::class.java.declaredClasses
        .filter { LatchkeyException::class.java.isAssignableFrom(it) }
        .map { it.getDeclaredConstructor().newInstance() as LatchkeyException }

    private fun type(name: String): String {
        val simple = name.substringBefore('(')
        val dom = name.substringAfter('(', "").substringBefore(')')
        return if (dom.isEmpty()) simple else "$simple/$dom"
    }

    private fun typeOf(exception: Exception): String {
        val dom = exception.javaClass.methods.find { it.name == "getDomError" }?.invoke(exception)
        return listOfNotNull(exception, dom).joinToString("/") { it.javaClass.simpleName }
    }

    @Test
    fun `every error becomes the exception that the core names for it`() {
        assertEquals(45, all.size)
        for (error in all.map { it.info() }) {
            val create = error.androidCreate.firstOrNull() ?: "CreateCredentialUnknownException"
            assertEquals(type(create), typeOf(createException(error.androidCreate)), error.id)
            // A locked vault becomes a line of the list instead.
            val get = error.androidGet.firstOrNull()?.takeIf { error.id != "provider.locked" } ?: "GetCredentialUnknownException"
            assertEquals(type(get), typeOf(getException(error.androidGet)), error.id)
        }
    }

    @ParameterizedTest
    @CsvSource(
        "RegAlreadyRegistered, androidx.credentials.TYPE_CREATE_PUBLIC_KEY_CREDENTIAL_DOM_EXCEPTION/androidx.credentials.TYPE_INVALID_STATE_ERROR",
        "ProviderCallerUntrusted, androidx.credentials.TYPE_CREATE_PUBLIC_KEY_CREDENTIAL_DOM_EXCEPTION/androidx.credentials.TYPE_SECURITY_ERROR",
        "RegCanceled, android.credentials.CreateCredentialException.TYPE_USER_CANCELED",
        "RegTimeout, android.credentials.CreateCredentialException.TYPE_INTERRUPTED",
        "AnyInternal, android.credentials.CreateCredentialException.TYPE_UNKNOWN",
    )
    fun `the types are those that callers look at`(error: String, type: String) {
        val info = all.single { it.javaClass.simpleName == error }.info()
        assertEquals(type, createException(info.androidCreate).type)
    }

    @Test
    fun `what has no exception of its own is unknown`() {
        assertEquals("CreateCredentialUnknownException", typeOf(createException(listOf("Nonsense(Error)"))))
        assertEquals("GetCredentialUnknownException", typeOf(getException(emptyList())))
        assertTrue(all.any { it.info().androidGet.isEmpty() })
    }
}
