# Prepares the generated Kotlin for its reference: what UniFFI needs for itself is left out of it.

function hide() { print "/** @suppress */" }

# Classes that stand for ports that the core itself would implement; their documentation is the interface's.
/^open class [A-Za-z]+Impl:/ { hide() }
/^(public )?(interface Disposable|class InternalException|fun uniffi)/ { hide() }
/^ *companion object( ErrorHandler.*)?$/ { hide() }
/^ *override fun destroy\(\)/ { hide() }
/^ *(override val message|get\(\) = "")/ && /message/ { hide() }
/Whether the current object has been destroyed/ { print " * @suppress"; next }

/^ *companion object \{$/ { print "/** Makes objects of this class. */" }
/^ *override fun close\(\)/ { print "/** Lets go of what the core keeps for this object, which cannot be used afterwards. */" }

# Rust writes its links, and the names of functions, in its own way.
/^ *\*/ {
    gsub(/\[`LatchkeyError::info`\]/, "[LatchkeyException.info]")
    while (match($0, /`[a-z]+(_[a-z]+)+`/)) {
        count = split(substr($0, RSTART, RLENGTH), words, "_")
        name = words[1]
        for (i = 2; i <= count; i++) name = name toupper(substr(words[i], 1, 1)) substr(words[i], 2)
        $0 = substr($0, 1, RSTART - 1) name substr($0, RSTART + RLENGTH)
    }
}

{ print }
