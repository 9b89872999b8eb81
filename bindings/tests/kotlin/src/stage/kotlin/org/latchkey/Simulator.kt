package org.latchkey

import com.google.gson.JsonObject
import java.io.IOException
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** What takes longer hangs: seconds. */
private const val HANGS = 30L

/** `latchkey-sim` with these arguments, in the background. */
class Simulator(private val arguments: List<String>) {
    private val process = ProcessBuilder(listOf(System.getProperty("latchkey.simulator")) + arguments).start()
    private val output = StringBuffer()
    private val errors = StringBuffer()
    private val lines = LinkedBlockingQueue<String>()
    private val readers = listOf(process.inputStream to output, process.errorStream to errors).map { (stream, text) ->
        thread(isDaemon = true) {
            try {
                stream.reader().forEachLine {
                    text.append(it).append('\n')
                    lines += it
                }
            } catch (_: IOException) {
                // It was killed.
            }
        }
    }

    init {
        process.outputStream.close()
    }

    override fun toString() = "latchkey-sim ${arguments.joinToString(" ")} said:\n$output$errors"

    /** Waits for a line that this pattern is in, and goes on behind it: its first group, if it has one. */
    fun says(pattern: String): String {
        val regex = Regex(pattern)
        while (true) {
            val line = checkNotNull(lines.poll(HANGS, TimeUnit.SECONDS)) { "no $pattern: $this" }
            regex.find(line)?.let { return it.groupValues.last() }
        }
    }

    /** The JSON that it printed. */
    fun json(): JsonObject = json(output.toString().ifEmpty { "{}" })

    /** Waits for its end, which has to be with this status: the JSON that it printed. */
    fun ends(status: Int = 0): JsonObject {
        check(process.waitFor(HANGS, TimeUnit.SECONDS) && process.exitValue() == status) { "not $status: $this" }
        readers.forEach { it.join() }
        return json()
    }

    fun kill() {
        process.destroyForcibly().waitFor()
    }
}
