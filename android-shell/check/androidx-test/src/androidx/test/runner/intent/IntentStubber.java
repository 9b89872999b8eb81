package androidx.test.runner.intent;

import android.app.Instrumentation.ActivityResult;
import android.content.Intent;

/** https://developer.android.com/reference/androidx/test/runner/intent/IntentStubber */
public interface IntentStubber {
    ActivityResult getActivityResultForIntent(Intent intent);
}
