package androidx.test.runner.intent;

import android.app.Instrumentation.ActivityResult;
import android.content.Intent;

/** https://developer.android.com/reference/androidx/test/runner/intent/IntentStubber, monitor 1.1.0 */
public interface IntentStubber {
    /** #getActivityResultForIntent(android.content.Intent), 1.1.0 */
    ActivityResult getActivityResultForIntent(Intent intent);
}
