package androidx.test.runner.lifecycle;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/ApplicationLifecycleMonitorRegistry, monitor 1.1.0 */
public final class ApplicationLifecycleMonitorRegistry {
    private static ApplicationLifecycleMonitor monitor;

    private ApplicationLifecycleMonitorRegistry() {}

    /** #getInstance(), 1.1.0 */
    public static ApplicationLifecycleMonitor getInstance() {
        return monitor;
    }

    /** #registerInstance(androidx.test.runner.lifecycle.ApplicationLifecycleMonitor), 1.1.0 */
    public static void registerInstance(ApplicationLifecycleMonitor instance) {
        monitor = instance;
    }
}
