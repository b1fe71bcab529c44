/**
 * The built-in uses: what an application does with data once it is open.
 *
 * They are grouped by who gets to see the data, because that is what a person decides on: the subject alone
 * (`communicate`, `deliver`), the controller (`application`, `report`, `analytics`), someone else (`third-party`),
 * everybody (`publish.world`).
 */
import { termRows } from "./rows.ts";

export const USES = termRows(
  "use",
  `
communicate | Communicate with the subject | To address the subject in words. | dpv:CommunicationManagement
communicate.email | Compose an email | To write an email to the subject. | dpv:CommunicationManagement
communicate.letter | Compose a letter | To write a letter on paper to the subject. | dpv:CommunicationManagement
communicate.sms | Send a short message | To send a short message to the subject's phone. | dpv:CommunicationManagement
communicate.push | Send a notification | To show a notification on the subject's device. | dpv:CommunicationManagement
communicate.phone | Talk by phone | To talk with the subject by telephone. | dpv:CommunicationManagement
communicate.chat | Talk by chat | To talk with the subject in an online chat. | dpv:CommunicationManagement

deliver | Deliver to the subject | To bring something or somebody to the subject's door. | dpv:RequestedServiceProvision
deliver.package | Send a package | To label and send a package to the subject. | dpv:DeliveryOfGoods
deliver.visit | Visit the subject | To go and see the subject in person. | dpv:RequestedServiceProvision

pay | Settle a payment | To move money from or to the subject. | dpv:PaymentManagement
pay.charge | Charge the subject | To take a sum that the subject owes. | dpv:PaymentManagement
pay.refund | Refund the subject | To give a sum back to the subject. | dpv:PaymentManagement

authenticate | Recognise the subject | To check that it is the subject who signs in or asks. | dpv:IdentityAuthentication

third-party | Involve a third party | To tell a third party something about the subject. | dpv:Disclose
third-party.query | Query a third party | To ask a third party something about the subject. | dpv:Disclose
third-party.notify | Notify a third party | To inform a third party about the subject. | dpv:DiscloseByTransmission
third-party.update | Update a third party's data | To change what a third party holds about the subject. | dpv:DiscloseByTransmission

publish | Publish | To show data to many people. | dpv:Disseminate
publish.internal | Publish internally | To show data inside the controller's organisation. | dpv:MakeAvailable
publish.internal.intranet | Intranet | To show data on the controller's internal pages. | dpv:MakeAvailable
publish.internal.paper | Internal print | To print data in material that stays inside the organisation. | dpv:MakeAvailable
publish.world | Publish to the world | To show data to everybody. | dpv:Disseminate
publish.world.web | World wide web | To show data on public web pages. | dpv:Disseminate
publish.world.paper | Public print | To print data in material that anybody can get. | dpv:Disseminate
publish.world.voice | Voice broadcast | To say data in a broadcast. | dpv:Disseminate
publish.world.video | Video broadcast | To show data in a broadcast. | dpv:Disseminate

report | Report | To count or sum up data of many subjects. | dpv:Aggregate
analytics | Analytics | To analyse data for patterns. | dpv:Analyse
analytics.profile | Profile | To describe or predict the subject's own behaviour. | dpv:Profiling
analytics.train | Train a model | To teach a model from the subject's data. | dpv:Analyse

application | Show in an application | To show or use data within a program of the controller. | dpv:Use
application.desktop | Desktop application | To use data in a program on a staff member's computer. | dpv:Use
application.remote | Remote application | To use data in a program that is reached over a network. | dpv:Use

other | Other use | A use that no other term describes.
`,
);
