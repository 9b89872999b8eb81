import Foundation
import Testing

@testable import LatchkeyApp
@testable import LatchkeyProvider

/// The property lists say what the system looks for, where it looks, and name what there is.
struct ResourcesTests {
    private func plist(_ name: String) throws -> [String: Any] {
        let resources = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../Resources/\(name)").standardized
        let read = try PropertyListSerialization.propertyList(from: Data(contentsOf: resources), format: nil)
        return try #require(read as? [String: Any])
    }

    @Test func theExtensionSaysWhatItCanDoWhereTheSystemLooks() throws {
        let info = try plist("Provider-Info.plist")
        let provider = try #require(info["NSExtension"] as? [String: Any])
        #expect(provider["NSExtensionPointIdentifier"] as? String == "com.apple.authentication-services-credential-provider-ui")
        #expect(provider["NSExtensionPrincipalClass"] as? String == module(CredentialProviderViewController.self))
        let attributes = try #require(provider["NSExtensionAttributes"] as? [String: Any])
        let capabilities = try #require(attributes["ASCredentialProviderExtensionCapabilities"] as? [String: Bool])
        #expect(capabilities == [
            "ProvidesPasskeys": true, "ShowsConfigurationUI": true, "SupportsConditionalPasskeyRegistration": true,
            "SupportsCredentialUpdate": true,
        ])
    }

    @Test func theAppNamesItsSceneDelegateAndAsksForTheCamera() throws {
        let info = try plist("App-Info.plist")
        #expect(info["NSCameraUsageDescription"] != nil)
        let scenes = (info["UIApplicationSceneManifest"] as? [String: Any])?["UISceneConfigurations"] as? [String: Any]
        let scene = (scenes?["UIWindowSceneSessionRoleApplication"] as? [[String: Any]])?.first
        #expect(scene?["UISceneDelegateClassName"] as? String == module(SceneDelegate.self))
    }

    @Test func appAndExtensionMeetWhereTheyMay() throws {
        let entitlements = try plist("Latchkey.entitlements")
        #expect(entitlements["com.apple.developer.authentication-services.autofill-credential-provider"] as? Bool == true)
        for info in [try plist("App-Info.plist"), try plist("Provider-Info.plist")] {
            let appGroup = try #require(info["LatchkeyAppGroup"] as? String)
            let keychainGroup = try #require(info["LatchkeyKeychainGroup"] as? String)
            #expect(entitlements["com.apple.security.application-groups"] as? [String] == [appGroup])
            #expect(entitlements["keychain-access-groups"] as? [String] == [keychainGroup])
            #expect(info["NSFaceIDUsageDescription"] != nil)
        }
    }

    @Test func theXcodeProjectNamesFilesThatThereAre() throws {
        let project = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../xcode/project.yml").standardized
        let named = try String(contentsOf: project, encoding: .utf8).matches(of: /\.\.\/(?:Sources|Resources)[\w\/.-]*/)
        #expect(named.count == 9)
        for name in named {
            let path = project.deletingLastPathComponent().appendingPathComponent(String(name.output)).standardized.path
            #expect(FileManager.default.fileExists(atPath: path), "\(name.output)")
        }
    }

    /// Apple takes no other size, and none that may be seen through.
    @Test func theAppsIconIsWhereTheProjectSaysAndAsAppleTakesIt() throws {
        let shell = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..").standardized
        let project = try String(contentsOf: shell.appendingPathComponent("xcode/project.yml"), encoding: .utf8)
        #expect(project.contains("ASSETCATALOG_COMPILER_APPICON_NAME: AppIcon\n"))
        let set = shell.appendingPathComponent("Resources/Assets.xcassets/AppIcon.appiconset")
        let contents = try JSONSerialization.jsonObject(with: Data(contentsOf: set.appendingPathComponent("Contents.json")))
        let images = try #require((contents as? [String: Any])?["images"] as? [[String: String]])
        #expect(images.map { $0["size"] } == ["1024x1024"])
        let icon = try [UInt8](Data(contentsOf: set.appendingPathComponent(#require(images.first?["filename"]))))
        // The signature, and the header's width, height, bits of a colour and kind of colour, which here is red, green and blue alone.
        try #require(icon.count > 26)
        #expect(Array(icon[0..<8]) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        #expect(Array(icon[16..<26]) == [0, 0, 4, 0, 0, 0, 4, 0, 8, 2])
    }

    /// The name of a class as a property list gives it: the module is the target's.
    private func module(_ type: Any.Type) -> String {
        "$(PRODUCT_MODULE_NAME)." + String(describing: type)
    }
}
