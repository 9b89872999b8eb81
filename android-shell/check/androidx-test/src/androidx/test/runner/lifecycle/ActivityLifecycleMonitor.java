package androidx.test.runner.lifecycle;

import android.app.Activity;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/ActivityLifecycleMonitor, monitor 1.1.0 */
public interface ActivityLifecycleMonitor {
    /** #getLifecycleStageOf(android.app.Activity), 1.1.0 */
    Stage getLifecycleStageOf(Activity activity);
}
