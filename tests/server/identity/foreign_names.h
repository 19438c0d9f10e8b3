#ifndef GRADMATCH_TESTS_SERVER_IDENTITY_FOREIGN_NAMES_H_
#define GRADMATCH_TESTS_SERVER_IDENTITY_FOREIGN_NAMES_H_

#include <random>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "tests/server/identity/identity_world.h"

namespace gradmatch {

// Words that the things of the tenant under attack hold, and no answer to
// another may.
inline constexpr char kPostingCanary[] = "CANARYPOSTING";
inline constexpr char kPersonCanary[] = "CANARYPERSON";

// A name of something that is somebody else's, and two of the same shape for
// which there is nothing: no answer may tell which is which.
struct ForeignName {
  std::string there;
  std::string absent[2];
};

// Gives sources/gd and staff/s-1 all that a tenant has, with the canaries in
// it: postings, one in quarantine, contents, figures of a sync, students, hand
// recommendations, page tokens and request ids in use.
std::vector<ForeignName> MakeForeignNames(IdentityWorld& world);
// Those that mean nothing to a source, or nothing to staff, are left out: staff
// may read postings.
std::vector<ForeignName> ForStaff(const std::vector<ForeignName>& names);

// All that the attacked have, as the platform and the operator see it.
std::string AllOfTheAttacked(IdentityWorld& world);

// A text field of a request, from the outside in; of what is repeated the
// first entry, made when there is none.
using TextField = std::vector<const google::protobuf::FieldDescriptor*>;
std::vector<TextField> TextFieldsOf(const google::protobuf::Descriptor& type);
void SetText(google::protobuf::Message& message, const TextField& field,
             const std::string& value);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_IDENTITY_FOREIGN_NAMES_H_
