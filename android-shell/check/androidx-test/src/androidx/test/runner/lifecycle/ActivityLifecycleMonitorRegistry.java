package androidx.test.runner.lifecycle;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/ActivityLifecycleMonitorRegistry, monitor 1.1.0 */
public final class ActivityLifecycleMonitorRegistry {
    private static ActivityLifecycleMonitor monitor;

    private ActivityLifecycleMonitorRegistry() {}

    /** #getInstance(), 1.1.0 */
    public static ActivityLifecycleMonitor getInstance() {
        return monitor;
    }

    /** #registerInstance(androidx.test.runner.lifecycle.ActivityLifecycleMonitor), 1.1.0 */
    public static void registerInstance(ActivityLifecycleMonitor instance) {
        monitor = instance;
    }
}
