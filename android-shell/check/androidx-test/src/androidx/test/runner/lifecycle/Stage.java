package androidx.test.runner.lifecycle;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/Stage, monitor 1.1.0 */
public enum Stage {
    /** #PRE_ON_CREATE, #CREATED, #STARTED, #RESUMED, #PAUSED, #STOPPED, #RESTARTED, #DESTROYED, 1.1.0 */
    PRE_ON_CREATE, CREATED, STARTED, RESUMED, PAUSED, STOPPED, RESTARTED, DESTROYED
}
