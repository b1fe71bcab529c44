/**
 * The built-in data types.
 *
 * Three roots, and a rule on one never reaches another: allowing `personal` does not allow `sensitive`.
 * - What tells about the body is below `sensitive.health`, steps and sleep too: a denial of health then covers them.
 * - Fingerprints and the like stay with `biometric`, where a person looks for them, and are marked by themselves:
 *   a photograph is special only when it is measured to recognise somebody (GDPR recital 51).
 * - Where a photo was taken is below `location`, so that a denial of location covers it.
 * - A card's security code is not here on purpose: nobody may store it.
 */
import { termRows } from "./rows.ts";

export const TYPES = termRows(
  "type",
  `
personal | Personal data | Everything about the subject outside the sensitive tree. | dpv:PersonalData

identity | Identity | Facts that tell who the subject is. | pd:Identifying
identity.given-name | Given name | The subject's own name, first or middle. | pd:Name
identity.surname | Surname | The subject's family name. | pd:Name
identity.initials | Initials | First letters of the subject's names. | pd:Name
identity.pseudonym | Pseudonym | A name that the subject goes by instead of the real one. | pd:Identifier
identity.generation-qualifier | Generation qualifier | What follows a name to tell generations apart, such as Jr or III. | pd:Name
identity.title | Title | A form of address or degree, such as Ms or Dr.
identity.common-name | Common name | The whole name as it is usually written. | pd:Name
identity.country | Country | The country that the subject belongs to or lives in. | pd:Country
identity.organization | Organization | The organization that the subject works for or belongs to. | pd:Professional
identity.organizational-unit | Organizational unit | The part of the organization that the subject belongs to. | pd:Professional
identity.birth-date | Birth date | The full day, month and year of birth. | pd:BirthDate
identity.birth-year | Birth year | The year of birth alone. | pd:Age
identity.birth-place | Birth place | Where the subject was born. | pd:BirthPlace
identity.father-given-name | Father's given name | The given name of the subject's father. | pd:Parent
identity.mother-given-name | Mother's given name | The given name of the subject's mother. | pd:Parent
identity.father-maiden-name | Father's maiden name | The name that the subject's father had at birth. | pd:Parent
identity.nationality | Nationality | The state or states that the subject is a national of. | pd:Nationality
identity.gender | Gender | The subject's gender as stated by the subject. | pd:Gender
identity.language | Language | The languages that the subject speaks or wants to be addressed in. | pd:Language

home-contact | Home contact | Ways to reach the subject in private life. | pd:Contact
home-contact.phone | Home phone | A telephone number at home. | pd:TelephoneNumber
home-contact.mobile-phone | Personal mobile phone | The subject's own mobile telephone number. | pd:TelephoneNumber
home-contact.email | Personal email | The subject's own email address. | pd:EmailAddressPersonal
home-contact.street-address | Home street address | Street, number and door of the home. | pd:PhysicalAddress
home-contact.city | Home city | The city or town of the home. | pd:City
home-contact.state-or-province | Home state or province | The state, province or region of the home. | pd:Region
home-contact.country | Home country | The country of the home. | pd:Country
home-contact.postal-code | Home postal code | The postal code of the home. | pd:PostalCode

work-contact | Work contact | Ways to reach the subject at work. | pd:Contact
work-contact.landline-phone | Work landline phone | A fixed telephone number at work. | pd:TelephoneNumber
work-contact.mobile-phone | Work mobile phone | A mobile telephone number for work. | pd:TelephoneNumber
work-contact.email | Work email | An email address for work. | pd:EmailAddressWork
work-contact.department | Department | The department where mail for the subject goes. | pd:Professional
work-contact.street-address | Work street address | Street, number and door of the workplace. | pd:PhysicalAddress
work-contact.city | Work city | The city or town of the workplace. | pd:City
work-contact.state-or-province | Work state or province | The state, province or region of the workplace. | pd:Region
work-contact.country | Work country | The country of the workplace. | pd:Country
work-contact.postal-code | Work postal code | The postal code of the workplace. | pd:PostalCode

biometric | Biometric data | Features of the body or hand that can recognise the subject. | pd:Biometric
biometric.photograph | Photograph | A picture of the subject that is not measured to recognise anybody. | pd:Picture
biometric.signature | Signature | The subject's signature by hand.
biometric.fingerprint | Fingerprint | The pattern of one or more fingers. | pd:Fingerprint | special category
biometric.iris-scan | Iris scan | The pattern of an iris. | pd:Biometric | special category
biometric.face-print | Face print | Measures of a face that recognise the subject. | pd:FacialPrint | special category
biometric.voice-print | Voice print | Measures of a voice that recognise the subject. | pd:Biometric | special category

official-id | Official identification | Numbers and documents that an authority gave to the subject. | pd:OfficialID
official-id.tax-id | Tax id | The number that the tax authority knows the subject by. | pd:OfficialID
official-id.social-security-id | Social security id | The number of the subject's social security. | pd:OfficialID
official-id.personal-id | Personal id | The number of the subject's identity card or national register. | pd:OfficialID
official-id.drivers-licence | Driver's licence | The number of the subject's driving licence. | pd:OfficialID
official-id.passport-number | Passport number | The number of the subject's passport. | pd:Passport
official-id.passport-expiry-date | Passport expiry date | The last day on which the passport is valid. | pd:Passport
official-id.passport-issue-country | Passport issue country | The country that issued the passport. | pd:Passport

online-handle | Online handle | Where and under which name the subject is found online. | pd:Identifier
online-handle.work-web-page | Work web page | The address of the subject's page at work.
online-handle.personal-web-page | Personal web page | The address of the subject's own page.
online-handle.twitter | Twitter id | The subject's name on Twitter, now X. | pd:Username
online-handle.facebook | Facebook id | The subject's name on Facebook. | pd:Username
online-handle.linkedin | LinkedIn id | The subject's name on LinkedIn. | pd:Username
online-handle.google-plus | Google Plus id | The subject's name on Google Plus, which has closed. | pd:Username
online-handle.yahoo | Yahoo id | The subject's name at Yahoo. | pd:Username
online-handle.aim | AIM id | The subject's name on AOL Instant Messenger, which has closed. | pd:Username
online-handle.skype | Skype id | The subject's name on Skype. | pd:Username
online-handle.jabber | Jabber id | The subject's address on Jabber (XMPP). | pd:Username
online-handle.irc | IRC id | The subject's nickname on IRC. | pd:Username

payment | Payment | Means of payment and the money that moved. | pd:Financial
payment.card | Payment card | A credit or debit card. | pd:PaymentCard
payment.card.number | Card number | The long number on a card. | pd:PaymentCardNumber
payment.card.expiry | Card expiry | The month in which a card ends. | pd:PaymentCardExpiry
payment.card.holder | Card holder | The name on a card. | pd:PaymentCard
payment.bank-account | Bank account | Number and bank of an account. | pd:BankAccount
payment.transaction | Bank transactions | Amounts that came and went, with dates and parties. | pd:Transaction

purchase | Purchases | What the subject bought. | pd:Purchase
purchase.order | Order | An order and its state. | pd:Purchase
purchase.item | Bought item | One thing bought, with its price. | pd:Purchase
purchase.receipt | Receipt | A receipt or invoice as it was given. | pd:Purchase
purchase.subscription | Subscription | A service or paper taken regularly. | pd:Purchase

location | Location | Where the subject is or was. | pd:Location
location.trace | Location trace | A series of positions with times, as a satellite receiver records it. | pd:GPSCoordinate
location.trip | Trip | A movement from one place to another, with its times and means. | pd:TravelHistory
location.place | Visited place | A place where the subject stayed. | pd:Location
location.home | Home place | The position of the subject's home. | pd:Location
location.work | Work place | The position where the subject works. | pd:Location
location.photo-place | Place of a photo | Where a photo or video was taken. | pd:Location

energy | Energy readings | What meters of the subject's home counted over time.
energy.electricity | Electricity readings | Electricity drawn, by time.
energy.gas | Gas readings | Gas burnt, by time.
energy.heat | Heat readings | Heating and hot water used, by time.
energy.generation | Generation readings | Electricity that the subject's home produced, by time.

communication | Communication | What the subject says to others, and with whom and when. | pd:Communication
communication.content | Communications content | What was written, said or shown. | pd:Communication
communication.content.email | Email content | Text and attachments of emails. | pd:EmailContent
communication.content.message | Message content | Text, pictures and sound of chats and short messages. | pd:Communication
communication.content.post | Posts | What the subject posts on social media. | pd:SocialMediaCommunication
communication.content.voice-mail | Voice mail | Messages left by voice. | pd:VoiceMail
communication.content.recording | Recorded calls | Recordings of calls and meetings. | pd:VoiceCommunicationRecording
communication.metadata | Communications metadata | Who, when, how long and from where, without the content. | pd:CommunicationsMetadata
communication.metadata.call-log | Call log | Calls made and received, with times. | pd:CallLog
communication.address-book | Address book | The people whom the subject knows, and how to reach them. | pd:SocialNetwork

browsing | Browsing | What the subject does on the web. | pd:BrowsingBehavior
browsing.history | Browser history | Pages visited, with times. | pd:BrowserHistory
browsing.search | Searches | What the subject searched for. | pd:BrowsingBehavior
browsing.click | Clicks | Links and adverts that the subject clicked. | pd:LinkClicked
browsing.bookmark | Bookmarks | Pages that the subject kept. | pd:BrowsingBehavior

app-use | App use | How the subject uses applications and services. | pd:ServiceConsumptionBehavior
app-use.installed | Installed apps | Which applications the subject installed. | pd:DeviceApplications
app-use.screen-time | Screen time | When and how long an application was in use. | pd:ServiceConsumptionBehavior
app-use.sign-in | Sign-in history | When and from where the subject signed in or failed to. | pd:AuthenticationHistory
app-use.media | Media use | What the subject watched, listened to or read. | pd:ServiceConsumptionBehavior

calendar | Calendar | What the subject plans.
calendar.event | Calendar event | An appointment with its time, place and people.
calendar.task | Task | Something that the subject has to do.
calendar.availability | Availability | When the subject is free or busy, and nothing more.

photo | Photos and videos | Pictures that the subject took or keeps. | pd:Picture
photo.image | Photo | A still picture. | pd:Picture
photo.video | Video | A moving picture with its sound.

device | Device identifiers | What tells the subject's devices apart. | pd:DeviceBased
device.serial-number | Serial number | The maker's number of a device. | pd:DeviceBased
device.phone-id | Phone id | The number that a phone has in mobile networks (IMEI). | pd:DeviceBased
device.advertising-id | Advertising id | The number by which advertisers follow a device. | pd:UID
device.operating-system | Operating system | System and version of a device. | pd:DeviceOperatingSystem
device.browser-fingerprint | Browser fingerprint | Features of a browser that set it apart from others. | pd:BrowserFingerprint

network | Network identifiers | What tells the subject's connections apart. | pd:DeviceBased
network.ip-address | IP address | An internet address that the subject used. | pd:IPAddress
network.mac-address | MAC address | The hardware address of a network card. | pd:MACAddress
network.cookie-id | Cookie id | A number that a web site left in the subject's browser. | pd:UID
network.wifi-name | Wi-Fi name | Names of wireless networks that the subject uses.
network.sim-id | SIM id | The number of the subject's mobile subscription (IMSI). | pd:UID

credential | Credentials | What the subject proves to be entitled with. | pd:Authenticating
credential.username | User name | The name that the subject signs in with. | pd:Username
credential.password | Password | A password, in clear or as a verifier. | pd:Password
credential.pin | PIN | A short secret number. | pd:PINCode
credential.secret-answer | Secret answer | The answer to a question that restores access. | pd:SecretText
credential.one-time-code | One-time codes | Codes for one sign-in each, and the secret that makes them. | pd:Authenticating
credential.private-key | Private key | A key that signs or decrypts for the subject. | pd:Authenticating
credential.access-token | Access token | A token that lets a program act for the subject. | pd:Authenticating

sensitive | Sensitive data | What the law protects specially, because it can be used to discriminate. | dpv:SpecialCategoryPersonalData | special category
sensitive.racial-origin | Racial origin | What reveals the subject's racial origin. | pd:Race | special category
sensitive.ethnic-origin | Ethnic origin | What reveals the subject's ethnic origin. | pd:EthnicOrigin | special category
sensitive.political-opinions | Political opinions | What reveals the subject's political opinions. | pd:PoliticalOpinion | special category
sensitive.religious-beliefs | Religious beliefs | What reveals the subject's religion or lack of one. | pd:ReligiousBelief | special category
sensitive.philosophical-beliefs | Philosophical beliefs | What reveals the subject's convictions. | pd:PhilosophicalBelief | special category
sensitive.trade-union-membership | Trade union membership | Whether the subject belongs to a trade union, and to which. | pd:TradeUnionMembership | special category
sensitive.sex-life | Sex life | What concerns the subject's sex life. | pd:Sexual | special category
sensitive.sexual-orientation | Sexual orientation | What reveals to whom the subject is attracted. | pd:Sexual | special category
sensitive.genetic | Genetic data | What was read from the subject's genes or inherited traits. | pd:Genetic | special category

sensitive.health | Health | What concerns the subject's body and mind. | pd:MedicalHealth | special category
sensitive.health.record | Health record | A file or letter of a doctor, clinic or insurer. | pd:HealthRecord | special category
sensitive.health.condition | Condition | A diagnosis, complaint or injury. | pd:MedicalHealth | special category
sensitive.health.medication | Medication | Medicines prescribed or taken. | pd:Prescription | special category
sensitive.health.procedure | Procedure | An examination, operation or therapy. | pd:MedicalHealth | special category
sensitive.health.lab-result | Laboratory result | A value that a laboratory found. | pd:MedicalHealth | special category
sensitive.health.vaccination | Vaccination | A vaccine given, with its date. | pd:MedicalHealth | special category
sensitive.health.allergy | Allergy | What the subject does not tolerate. | pd:MedicalHealth | special category
sensitive.health.disability | Disability | A lasting limit, and the help it calls for. | pd:Disability | special category
sensitive.health.mental | Mental health | What concerns the subject's mind and mood. | pd:MentalHealth | special category
sensitive.health.family-history | Family history | Conditions that run in the subject's family. | pd:FamilyHealthHistory | special category

sensitive.health.vitals | Vital signs | Measures of how the body works. | pd:PhysicalHealth | special category
sensitive.health.vitals.heart-rate | Heart rate | Beats of the heart, by time. | pd:PhysicalHealth | special category
sensitive.health.vitals.pressure | Blood pressure | Pressure of the blood. | pd:PhysicalHealth | special category
sensitive.health.vitals.oxygen | Blood oxygen | Oxygen in the blood. | pd:PhysicalHealth | special category
sensitive.health.vitals.glucose | Blood glucose | Sugar in the blood. | pd:PhysicalHealth | special category
sensitive.health.vitals.breathing | Breathing | Rate and depth of breath. | pd:PhysicalHealth | special category
sensitive.health.vitals.body-temp | Body temperature | Temperature of the body. | pd:PhysicalHealth | special category
sensitive.health.vitals.weight | Body weight | Weight and make-up of the body. | pd:PhysicalHealth | special category

sensitive.health.fitness | Fitness | How much the subject moves and rests. | pd:PhysicalHealth | special category
sensitive.health.fitness.steps | Steps | Steps counted, by time. | pd:PhysicalHealth | special category
sensitive.health.fitness.distance | Distance | Distance covered by own force, by time. | pd:PhysicalHealth | special category
sensitive.health.fitness.workout | Workout | An exercise with its kind, length and effort. | pd:PhysicalHealth | special category
sensitive.health.fitness.sleep | Sleep | When, how long and how well the subject slept. | pd:PhysicalHealth | special category

nonpersonal | Non-personal data | Data about nobody, kept here so that everything has a type. | dpv:NonPersonalData
`,
);
