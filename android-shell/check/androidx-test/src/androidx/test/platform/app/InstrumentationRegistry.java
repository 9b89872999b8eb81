package androidx.test.platform.app;

import android.app.Instrumentation;
import android.os.Bundle;

/** https://developer.android.com/reference/androidx/test/platform/app/InstrumentationRegistry */
public final class InstrumentationRegistry {
    private static Instrumentation instrumentation;

    private InstrumentationRegistry() {}

    public static Instrumentation getInstrumentation() {
        return instrumentation;
    }

    public static void registerInstance(Instrumentation instance, Bundle arguments) {
        instrumentation = instance;
    }
}
