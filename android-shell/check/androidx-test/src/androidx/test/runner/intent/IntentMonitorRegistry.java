package androidx.test.runner.intent;

/** https://developer.android.com/reference/androidx/test/runner/intent/IntentMonitorRegistry */
public final class IntentMonitorRegistry {
    private IntentMonitorRegistry() {}

    public static void registerInstance(IntentMonitor monitor) {}
}
