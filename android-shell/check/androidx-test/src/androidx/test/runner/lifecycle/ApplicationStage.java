package androidx.test.runner.lifecycle;

/** https://developer.android.com/reference/androidx/test/runner/lifecycle/ApplicationStage, monitor 1.1.0 */
public enum ApplicationStage {
    /** #PRE_ON_CREATE, #CREATED, 1.1.0 */
    PRE_ON_CREATE, CREATED
}
