package androidx.test.runner.lifecycle;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/ApplicationLifecycleMonitor */
public interface ApplicationLifecycleMonitor {}
