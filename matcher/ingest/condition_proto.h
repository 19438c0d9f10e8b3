#ifndef GRADMATCH_MATCHER_INGEST_CONDITION_PROTO_H_
#define GRADMATCH_MATCHER_INGEST_CONDITION_PROTO_H_

#include "gradmatch/v1/common.pb.h"
#include "matcher/text/parse_condition.h"

namespace gradmatch {

// A condition that was read from text, as the API has it.
inline void ToProto(const ParsedCondition& from, v1::PostingCondition& to) {
  to.set_kind(
      static_cast<v1::PostingCondition::Kind>(static_cast<int>(from.kind)));
  for (const std::string& code : from.any_of) to.add_any_of(code);
  to.set_min(from.min);
  to.set_max(from.max);
  for (int level : from.levels) {
    to.add_levels(static_cast<v1::EducationLevel>(level));
  }
  for (const MajorCode& major : from.majors) {
    v1::Code& code = *to.add_majors();
    code.set_system(major.system);
    code.set_code(major.code);
  }
  to.set_raw(from.raw);
}

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_CONDITION_PROTO_H_
