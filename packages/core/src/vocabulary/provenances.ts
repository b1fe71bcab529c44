/** The built-in provenances: where the data of an update came from. */
import { termRows } from "./rows.ts";

export const PROVENANCES = termRows(
  "provenance",
  `
subject | The subject | It came from the subject in some way. | dpv:DataSubjectDataSource
subject.explicit | Given by the subject | The subject entered or said it for this very purpose. | dpv:DataSubjectDataSource
subject.behaviour | The subject's behaviour | It was observed from what the subject did. | dpv:DataSubjectDataSource
subject.behaviour.device | The subject's device | A device or meter of the subject recorded it. | dpv:DataSubjectDataSource

controller | Held by the controller | The controller already had it, for instance in another department. | dpv:DataControllerDataSource
controller.derived | Derived by the controller | The controller computed it from other data. | dpv:DataControllerDataSource

public | Public sources | Anybody could have found it. | dpv:PublicDataSource
public.registry | Public registry | It stands in a register that the law makes public. | dpv:PublicDataSource
public.data | Public data | It was found in the open, on the web or in print. | dpv:PublicDataSource

third-party | Third party | Somebody else handed it over. | dpv:ThirdPartyDataSource
third-party.commercial | Commercial provider | A company that trades in data handed it over. | dpv:ThirdPartyDataSource
third-party.authority | Authority | An authority handed over what is not public. | dpv:ThirdPartyDataSource

other | Other provenance | It came in a way that no other term describes.
`,
);
