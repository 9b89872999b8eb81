package androidx.test.runner.lifecycle;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/ApplicationLifecycleMonitor, monitor 1.1.0 */
public interface ApplicationLifecycleMonitor {}
