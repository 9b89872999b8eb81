"""What Schemathesis cannot know from the description alone: whose token a call takes, and that a call
which waits would take all day."""

import parties
import schemathesis

TOKENS = {
    "administrator": parties.administrator,
    "workstation": parties.workstation,
    "phone": parties.phone,
    "deviceManager": parties.session,
}


@schemathesis.auth(refresh_interval=None)
class Token:
    """The token of the first kind of caller that the call names."""

    def get(self, case, context):
        operation = context.operation
        kinds = [kind for entry in operation.definition.raw.get("security", []) for kind in entry]
        if not kinds:
            return None
        if kinds == ["phone"] and operation.method == "delete" and operation.path.endswith("/registration"):
            # It ends the registration: each time one that nobody else needs.
            return parties.new_phone()
        return TOKENS[kinds[0]]()

    def set(self, case, data, context):
        if data:
            case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.query and str(case.query.get("wait", "")).isdecimal() and 0 < int(case.query["wait"]) <= 25:
        case.query["wait"] = "0"
