/**
 * The built-in purposes: why a controller wants to use data.
 *
 * The eight of the field are roots, so that their ids stay one word; what hangs below refines them. The grades of
 * urgency (informative, important, critical, alert, emergency) do not cover one another: who allows warnings
 * about a suspended card has not allowed news.
 */
import { termRows } from "./rows.ts";

export const PURPOSES = termRows(
  "purpose",
  `
contractual | Contractual | To do what a contract with the subject calls for. | dpv:FulfilmentOfContractualObligation
contractual.order | Order | To take and process an order. | dpv:CustomerOrderManagement
contractual.delivery | Delivery | To deliver what the subject ordered. | dpv:DeliveryOfGoods
contractual.payment | Payment | To invoice, charge or refund. | dpv:PaymentManagement
contractual.account | Account | To open, keep and close the subject's account. | dpv:AccountManagement
contractual.support | Support | To help the subject with what was bought. | dpv:CustomerCare

advert | Advert | To make the subject want something. | dpv:Advertising
advert.newsletter | Newsletter | To send offers and news regularly. | dpv:DirectMarketing
advert.personalised | Personalised advert | To choose adverts by what is known about the subject. | dpv:PersonalisedAdvertising

informative | Informative | To tell what may help the subject and is not needed, such as that check-in is open.
important | Important | To tell what helps the subject much, such as that a flight is late.
critical | Critical | To tell what harms the subject if it is missed, such as that a card is suspended.
critical.security | Security warning | To warn of misuse of the subject's account or data.
alert | Alert | To tell what harms the subject if it comes late, such as a last call for boarding.
emergency | Emergency | To tell what saves life or limb, such as to leave a burning building.

regulatory | Regulatory | To meet a duty towards an authority. | dpv:LegalCompliance
regulatory.tax | Tax and accounts | To keep and hand in tax records and accounts. | dpv:LegalCompliance
regulatory.money-laundering | Money laundering | To find and report money laundering. | dpv:CounterMoneyLaundering
regulatory.rights | Subject's rights | To answer the subject's own demand to see, correct or erase data. | dpv:LegalCompliance

security | Security | To protect the controller's service from misuse. | dpv:EnforceSecurity
security.fraud | Fraud prevention | To find and stop fraud. | dpv:FraudPreventionAndDetection

improvement | Improvement | To make the controller's products and services better. | dpv:ServiceOptimisation
research | Research | To learn something for the good of others. | dpv:ResearchAndDevelopment
research.scientific | Scientific research | To answer a question of science. | dpv:ScientificResearch
research.statistics | Statistics | To make statistics for the public. | dpv:ProvideOfficialStatistics
`,
);
