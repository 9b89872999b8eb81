package androidx.test.runner.lifecycle;

import android.app.Activity;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/ActivityLifecycleMonitor */
public interface ActivityLifecycleMonitor {
    Stage getLifecycleStageOf(Activity activity);
}
