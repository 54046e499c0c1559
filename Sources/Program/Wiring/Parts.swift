import Cryptography
import Domain
import Operations
import Pages
import Pictures
import Portal
import Worker

/// Every page and mail, loaded and checked.
struct TemplateSet {
    let pages: Pages
    let mails: MailTemplates

    /// - Throws: `PageFaults`, `TemplateFaults`: every mistake with file and line.
    init(_ configuration: Configuration) throws {
        let folder = try DataFolder.templates(configured: configuration.templatesDirectory)
        let read = { (file: String) in TextFile.read("\(folder)/\(file)") }
        pages = try Pages(
            Pages.House(
                language: configuration.language, helpdesk: configuration.mail.helpdesk,
                isSecure: configuration.publicURL.hasPrefix("https:")), read: read)
        mails = try MailTemplates(read: read)
        let problems =
            Portal.templateProblems(pages, configuration.portalRules) + Operations.templateProblems(pages)
            + Inbox.templateProblems(pages)
        guard problems.isEmpty else { throw PageFaults(problems: problems) }
    }
}

/// What every role is made of: keys, templates, rules. Making it checks it.
struct Parts {
    let configuration: Configuration
    let templates: TemplateSet
    private let keys: KeyRing

    init(_ configuration: Configuration, for roles: Set<Service.Role>, journal: any Journal) throws {
        self.configuration = configuration
        let names = roles.reduce(into: Set<KeyRing.Name>()) { $0.formUnion($1.keys) }
        keys = try KeyRing(names, directory: configuration.keysDirectory, journal: journal)
        templates = try TemplateSet(configuration)
    }

    private var captchas: CaptchaDesk { CaptchaDesk(keys: keys.signing(.captcha), alphabet: Captcha.alphabet) }
    private var links: ResetLinks { ResetLinks(keys: keys.signing(.link)) }
    private var forms: FormTokens { FormTokens(keys: keys.signing(.form)) }

    func portal(
        _ storage: any Storage, clock: any Clock, random: any RandomSource, journal: any Journal, threads: Int
    ) -> Portal {
        let voice = EspeakVoice.installed()
        if voice == nil {
            journal.note(
                .info, "captcha.silent",
                ["reason": "security codes are not read aloud to people who cannot see them: apt-get install espeak-ng"]
            )
        }
        return Portal(
            rules: configuration.portalRules, storage: storage, pages: templates.pages,
            desks: desks(random: random, threads: threads), forms: forms, clock: clock, random: random,
            journal: journal, voice: voice)
    }

    /// - Parameter threads: of the server that asks, which must not all wait for passwords to be hashed.
    private func desks(random: any RandomSource, threads: Int) -> Portal.Desks {
        let sealer = keys.sealing
        let sessions = SessionDesk(limits: configuration.session, random: random)
        let atOnce = max(1, min(Machine.cores, threads - 1))
        let passwords = BoundedPasswords(
            hasher: PasswordHasher(), random: random, atOnce: atOnce, mostWaiting: max(0, threads - atOnce - 1))
        return Portal.Desks(
            captchas: captchas, reset: ResetDesk(links: links), tickets: LoginTickets(keys: keys.signing(.form)),
            login: LoginDesk(passwords: passwords, sessions: sessions, keys: keys.signing(.form)), sessions: sessions,
            codes: CodeDesk(sealer: sealer),
            enrolment: EnrolmentDesk(
                sealer: sealer, issuer: configuration.totp.issuer, parameters: configuration.totp.parameters,
                random: random),
            recovery: RecoveryCodes(random: random))
    }

    func operations(
        _ storage: any Storage, clock: any Clock, journal: any Journal, links: [Navigation.Link]
    ) throws -> Operations {
        let token = try configuration.operationsTokenFile.map { Array(try SecretFile.text($0).utf8) }
        return Operations(
            storage: storage, pages: templates.pages, clock: clock, formTokens: forms, token: token,
            zone: configuration.timeZone, version: Program.version, links: links, journal: journal)
    }

    func preparation(random: any RandomSource) -> Preparation {
        Preparation(
            admission: ResetAdmission(
                captchas: captchas, linkLifetime: configuration.reset.linkLifetime,
                perAccountPerHour: configuration.reset.perAccountPerHour),
            writer: LetterWriter(
                house: LetterWriter.House(
                    publicURL: configuration.publicURL, zone: configuration.timeZone,
                    helpdesk: configuration.mail.helpdesk, linkLifetime: configuration.reset.linkLifetime),
                links: links),
            linkLifetime: configuration.reset.linkLifetime, language: configuration.language, random: random)
    }
}

extension Configuration {
    var portalRules: Portal.Rules {
        Portal.Rules(
            site: publicURL, userTypes: userTypes, zone: timeZone, linkLifetime: reset.linkLifetime,
            perAddressPerHour: reset.perAddressPerHour)
    }
}
