#ifndef GRADMATCH_TESTS_SERVER_REQUEST_FAULTS_H_
#define GRADMATCH_TESTS_SERVER_REQUEST_FAULTS_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace gradmatch {

// What can be wrong with any request, made from a right one by looking at its
// descriptor, so that no method and no field can be forgotten.
enum class FaultKind {
  kOverLong,      // a text of 70,000 characters
  kControl,       // a text with control characters and a path in it
  kNegative,      // the least number
  kHuge,          // the greatest number
  kUnknownEnum,   // a number the enum does not have
  kStaleEtag,     // an etag nobody gave
  kMadeUpToken,   // a page token nobody gave
  kUnknownMask,   // a mask with a field there is not
  kUnknownName,   // a well-formed name of something there is not
  kMalformedName  // a name of no such collection
};
const char* FaultName(FaultKind kind);

struct Fault {
  FaultKind kind;
  std::string field;  // path: "posting.locations[0].address"
  std::unique_ptr<google::protobuf::Message> request;
};

// Every fault of every scalar field of `right`: of those that are set and of
// those that are not, in messages that are set. Maps are left alone. A resource
// name is a text that has a '/' in `right`.
std::vector<Fault> FaultsOf(const google::protobuf::Message& right);

// A request for each text field of `right`, set or not, in messages that are
// set: that field has what `replace` makes of its path and
// text.
std::vector<std::unique_ptr<google::protobuf::Message>> WithTexts(
    const google::protobuf::Message& right,
    const std::function<std::string(const std::string& field,
                                    const std::string& text)>& replace);

// The value of the top-level text field `name`, or nullptr if there is none.
bool HasTextField(const google::protobuf::Message& request, const char* name);
void SetTextField(google::protobuf::Message& request, const char* name,
                  const std::string& value);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_REQUEST_FAULTS_H_
