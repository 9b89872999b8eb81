package org.latchkey

import com.google.gson.JsonObject
import com.google.gson.JsonParser
import java.io.File
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.security.KeyStore
import java.security.cert.CertificateFactory
import java.util.concurrent.CopyOnWriteArrayList
import javax.imageio.ImageIO
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory

const val ADA = "ada@example.com"
private const val WORKSTATIONS = "HYPRDefaultWorkstationApplication"

/** Reads a JSON object. */
fun json(text: String): JsonObject = JsonParser.parseString(text).asJsonObject

/**
 * Those whom a phone meets, as processes of the simulator: a Control Center and a tunnel service on loopback, an air,
 * workstations and computers. The phone knows them over the wire alone.
 */
class Stage : AutoCloseable {
    /** Its path is short, as a socket's has to be. */
    private val folder = Files.createTempDirectory("lk-").toFile()
    private val processes = CopyOnWriteArrayList<Simulator>()
    private var controlCenter = startControlCenter(0)

    /** Base URL of the Control Center. */
    val address: String = controlCenter.json()["baseUrl"].asString

    private val tunnelPort = start("tunnel", "--listen", "127.0.0.1:0", "--ca-out", "$folder/tunnel.pem")
        .says("tunnel service on .*:(\\d+)")

    private val administrator = File(folder, "control-center/admin-token").readText().trim()

    /** The radio. */
    val air = Air(File(folder, "air"))

    /** The certificate authorities of both. */
    private val caFile = File(folder, "ca.pem").also(::collectAuthorities)

    private fun collectAuthorities(file: File) =
        file.writeText(File(folder, "control-center/ca.pem").readText() + File(folder, "tunnel.pem").readText())

    /** A phone's configuration to meet them. */
    fun meeting(config: PhoneConfig) =
        config.copy(developer = true, extraCa = caFile.readBytes(), tunnel = TunnelAddress("localhost", tunnelPort.toUShort()))

    /** Starts `latchkey-sim`; it is gone when the stage is. */
    private fun start(vararg arguments: String) = Simulator(arguments.toList()).also { processes += it }

    private fun startControlCenter(port: Int) =
        start("control-center", "--listen", "127.0.0.1:$port", "--state", "$folder/control-center", "--json").also { it.says("^}") }

    /** The Control Center goes away, in the middle of whatever it does. */
    fun stopControlCenter() = controlCenter.kill()

    /** It comes back where it was, with what it had stored and with a new certificate. */
    fun restartControlCenter() {
        controlCenter = startControlCenter(URI(address).port)
        collectAuthorities(caFile)
    }

    /** A call of the administrator: the JSON of the answer. */
    fun administrator(method: String, path: String, body: String = ""): JsonObject {
        val request = HttpRequest.newBuilder(URI(address + path))
            .header("authorization", "Bearer $administrator").header("content-type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body))
        val client = HttpClient.newBuilder().sslContext(trusting(caFile)).build()
        val answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString())
        check(answer.statusCode() in 200..299) { "$method $path: ${answer.statusCode()} ${answer.body()}" }
        return json(answer.body().ifEmpty { "{}" })
    }

    /** Offline PINs: ten of ten characters, shown for 15 seconds each, good for a week; few are five. */
    fun allowOfflinePins(enabled: Boolean = true) {
        administrator(
            "PUT", "/cc/api/appconfig/workstation?rpAppId=$WORKSTATIONS",
            """{"requireUserPresenceForRegistration":false,"offline":{"enabled":$enabled,"length":10,"count":10,
                "validDays":7,"displaySecs":15,"promptThresholdPct":50,"maxFailures":3}}""",
        )
    }

    /** What `latchkey-sim` needs to meet a phone nearby. */
    private fun link() =
        arrayOf("--air", "${air.folder}", "--tunnel", "localhost:$tunnelPort", "--ca-file", "$caFile")

    /** A computer nearby that wants a passkey made (`create`) or used (`get`). */
    fun computer(ceremony: String) = show("txt", "computer", ceremony, *link())

    private fun show(form: String, vararg arguments: String): Shown {
        val file = File(folder, "code-${processes.size}.$form")
        return Shown(file, start(*arguments, "--qr", "$file", "--no-terminal-qr"))
    }

    override fun close() {
        processes.forEach { it.kill() }
        folder.deleteRecursively()
    }

    /** A code on a screen, as its text or as a picture. */
    class Shown(private val file: File, val process: Simulator) {
        init {
            // It is written before this is said.
            process.says("scan this code")
        }

        val text: String get() = file.readText()

        /** What a camera sees. */
        val picture: Frame
            get() {
                val image = ImageIO.read(file)
                val luma = image.raster.getSamples(0, 0, image.width, image.height, 0, null as IntArray?)
                val (width, height) = image.width.toUInt() to image.height.toUInt()
                return Frame(width, height, width, ByteArray(luma.size) { luma[it].toByte() })
            }
    }

    /** A workstation that is enrolled. */
    inner class Workstation(name: String = "desk") {
        private val state = arrayOf("--state", "$folder/$name", "--json")
        private val server = arrayOf(*state, "--ca-file", "$caFile")

        val machineId: String = start(
            "workstation", "enroll", *server, "--name", name, "--address", address, "--token", installToken(),
        ).ends()["machineId"].asString

        private fun installToken(): String {
            val body = """{"scope":["WSINSTALL"],"rpAppId":"$WORKSTATIONS","expiresInSecs":600}"""
            return administrator("POST", "/rp/api/token/endpoint", body)["token"].asString
        }

        /** Shows a code that pairs a phone with this account. */
        fun pair(user: String = ADA, vararg arguments: String, form: String = "txt") =
            show(form, "workstation", "pair", *server, "--user", user, *arguments)

        /** Shows a code that unlocks for any phone that is registered. */
        fun signInCode() = show("txt", "workstation", "unlock", "--scan-code", *server)

        /** Serves its phones from now on. Offline PINs are made as cheaply as they can be. */
        fun serve(): Simulator =
            start("workstation", "run", *server, "--argon2-memory", "8", "--argon2-iterations", "1").also { it.says("\"event\":\"online\"") }

        /** Asks the phone that unlocked it to sign in, without a code. */
        fun signIn() = start("workstation", "sign-in", *state, *link(), "--no-terminal-qr")

        fun typePin(pin: String) = start("workstation", "unlock", *state, "--pin", pin)

        fun lock() = start("workstation", "lock", *state).ends()

        fun status() = start("workstation", "status", *state).ends()

        /** How it was unlocked (`phone`, `code`, `pin`), or nothing. */
        fun unlockedBy(): String? = status()["lock"].asJsonObject["by"]?.asString
    }
}

/** Trusts nobody but this authority. */
private fun trusting(authority: File): SSLContext {
    val certificate = authority.inputStream().use { CertificateFactory.getInstance("X.509").generateCertificate(it) }
    val store = KeyStore.getInstance(KeyStore.getDefaultType()).apply {
        load(null)
        setCertificateEntry("authority", certificate)
    }
    val trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }
    return SSLContext.getInstance("TLS").apply { init(null, trust.trustManagers, null) }
}
