import Latchkey

/// What the person reads at the end. A computer that was refused is not told here as a success.
public func words(for approval: Approval) throws -> String {
    switch approval {
    case .answered(let answer):
        if let error = answer.error { throw error }
        return switch answer.action {
        case .create: "The passkey is on this phone"
        case .signIn: "You are signed in on the computer"
        case .touch: "The computer has your answer"
        }
    case .paired: return "This phone is paired"
    case .unlocked: return "The computer is unlocked"
    }
}

/// What the person reads at a step; nothing where nothing new is to be said.
public func words(for step: Step) -> String? {
    switch step {
    case .openingTunnel, .tunnelOpen: "Connecting"
    case .contactingComputer: "Calling the computer"
    case .computerReached: "The computer answers"
    case .closed, .unlocked: "Done"
    default: nil
    }
}
