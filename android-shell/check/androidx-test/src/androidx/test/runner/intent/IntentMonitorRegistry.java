package androidx.test.runner.intent;

/** https://developer.android.com/reference/androidx/test/runner/intent/IntentMonitorRegistry, monitor 1.1.0 */
public final class IntentMonitorRegistry {
    private IntentMonitorRegistry() {}

    /** #registerInstance(androidx.test.runner.intent.IntentMonitor), 1.1.0 */
    public static void registerInstance(IntentMonitor monitor) {}
}
