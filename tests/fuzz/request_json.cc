// Requests in JSON, of every method: strict syntax, then protobuf's reader.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "server/http/call_setup.h"
#include "server/http/json_codec.h"
#include "server/http/json_syntax.h"
#include "server/http/routes.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

using google::protobuf::Descriptor;

std::vector<const Descriptor*> AllRequestTypes() {
  std::vector<const Descriptor*> types;
  for (const auto* service : ApiServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      types.push_back(service->method(i)->input_type());
    }
  }
  return types;
}

}  // namespace

// A message that was read is written and read again as itself; a text that the
// strict syntax refuses is not read.
void FuzzRequestJson(std::string_view bytes) {
  static const auto& types = *new std::vector(AllRequestTypes());
  Choices choices(bytes);
  const Descriptor& type = *types[choices.Pick(types.size())];
  const std::string_view json = choices.rest();

  const auto message = NewMessage(type);
  const absl::Status read = JsonToMessage(json, "", *message);
  PROMISE(!read.ok() || json.empty() || CheckJsonSyntax(json).ok());
  if (!read.ok()) return;
  const auto written = MessageToJson(*message);
  PROMISE(written.ok());
  const auto again = NewMessage(type);
  PROMISE(JsonToMessage(*written, "", *again).ok());
  const auto rewritten = MessageToJson(*again);
  PROMISE(rewritten.ok() && *rewritten == *written);
}

}  // namespace gradmatch
