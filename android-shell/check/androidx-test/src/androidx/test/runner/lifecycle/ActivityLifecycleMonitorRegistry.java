package androidx.test.runner.lifecycle;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/ActivityLifecycleMonitorRegistry */
public final class ActivityLifecycleMonitorRegistry {
    private static ActivityLifecycleMonitor monitor;

    private ActivityLifecycleMonitorRegistry() {}

    public static ActivityLifecycleMonitor getInstance() {
        return monitor;
    }

    public static void registerInstance(ActivityLifecycleMonitor instance) {
        monitor = instance;
    }
}
