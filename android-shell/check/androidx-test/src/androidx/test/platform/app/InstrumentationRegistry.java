package androidx.test.platform.app;

import android.app.Instrumentation;
import android.os.Bundle;

/** https://developer.android.com/reference/androidx/test/platform/app/InstrumentationRegistry, monitor 1.1.0 */
public final class InstrumentationRegistry {
    private static Instrumentation instrumentation;

    private InstrumentationRegistry() {}

    /** #getInstrumentation(), 1.1.0 */
    public static Instrumentation getInstrumentation() {
        return instrumentation;
    }

    /** #registerInstance(android.app.Instrumentation,android.os.Bundle), 1.1.0 */
    public static void registerInstance(Instrumentation instance, Bundle arguments) {
        instrumentation = instance;
    }
}
