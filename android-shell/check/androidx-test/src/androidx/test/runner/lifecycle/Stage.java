package androidx.test.runner.lifecycle;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/Stage */
public enum Stage {
    PRE_ON_CREATE, CREATED, STARTED, RESUMED, PAUSED, STOPPED, RESTARTED, DESTROYED
}
