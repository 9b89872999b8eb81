import Latchkey

/// What a look at one frame came to.
public enum Sighting {
    /// Nothing to act on: the next frame may be better.
    case nothing
    /// A code for this app.
    case found(Code)
    /// A code that this version of the app cannot use, or a phone that cannot look.
    case refused(LatchkeyError)

    /// Looks once. Web addresses are other people's posters: they are passed over.
    public init(_ look: () throws -> Code) {
        do {
            let code = try look()
            if case .link = code { self = .nothing } else { self = .found(code) }
        } catch LatchkeyError.QrInvalid {
            self = .nothing
        } catch {
            self = .refused(error as? LatchkeyError ?? .AnyInternal)
        }
    }
}
