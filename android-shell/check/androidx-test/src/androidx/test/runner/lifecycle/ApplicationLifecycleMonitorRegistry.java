package androidx.test.runner.lifecycle;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/ApplicationLifecycleMonitorRegistry */
public final class ApplicationLifecycleMonitorRegistry {
    private static ApplicationLifecycleMonitor monitor;

    private ApplicationLifecycleMonitorRegistry() {}

    public static ApplicationLifecycleMonitor getInstance() {
        return monitor;
    }

    public static void registerInstance(ApplicationLifecycleMonitor instance) {
        monitor = instance;
    }
}
