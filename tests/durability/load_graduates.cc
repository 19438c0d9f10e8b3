#include <string>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "tests/durability/load_thread.h"

namespace gradmatch {
namespace {

using google::longrunning::Operation;
using google::longrunning::Operations;
using v1::GraduateService;

constexpr int kGraduates = 40;

}  // namespace

bool LoadThread::SetPush(const std::string& id) {
  const std::string key = "push/" + id;
  const bool on = oracle_.Acknowledged(key) == "off";
  v1::UpdatePreferencesRequest request;
  request.mutable_preferences()->set_name("graduates/" + id + "/preferences");
  request.mutable_preferences()->set_push(on);
  oracle_.Intend(key, on ? "on" : "off");
  v1::Preferences response;
  if (!Do<GraduateService>(&GraduateService::Stub::UpdatePreferences, request,
                           response)) {
    return false;
  }
  oracle_.Acknowledge(key, on ? "on" : "off");
  return true;
}

bool LoadThread::SetPlacement(const std::string& id) {
  const std::string key = "placement/" + id;
  v1::Graduate response;
  if (oracle_.Acknowledged(key) != Oracle::kAbsent) {
    v1::RevokePlacementRequest request;
    request.set_name("graduates/" + id);
    request.set_purpose("登记有误");
    oracle_.Intend(key, Oracle::kAbsent);
    if (!Do<GraduateService>(&GraduateService::Stub::RevokePlacement, request,
                             response)) {
      return false;
    }
    oracle_.Acknowledge(key, Oracle::kAbsent);
    return true;
  }
  const std::string registration = absl::StrCat("n", NextSerial());
  v1::ReportPlacementRequest request;
  request.set_name("graduates/" + id);
  request.mutable_placement()->set_kind(v1::Placement::KIND_EMPLOYED);
  request.mutable_placement()->set_registration_id(registration);
  oracle_.Intend(key, registration);
  if (!Do<GraduateService>(&GraduateService::Stub::ReportPlacement, request,
                           response)) {
    return false;
  }
  oracle_.Acknowledge(key, registration);
  return true;
}

// Writes an entry of the audit first.
bool LoadThread::SetFlags(const std::string& id) {
  const std::string purpose = absl::StrCat("困难帮扶", NextSerial());
  v1::UpdateSealedFlagsRequest request;
  request.set_name("graduates/" + id);
  request.set_hardship(Below(2) == 0);
  request.set_purpose(purpose);
  oracle_.Intend("audit/" + purpose, "there");
  if (!Do<GraduateService>(&GraduateService::Stub::UpdateSealedFlags,
                           request)) {
    return false;
  }
  oracle_.Acknowledge("audit/" + purpose, "there");
  return true;
}

bool LoadThread::OneGraduate() {
  const std::string id = absl::StrCat("g-", Below(kGraduates));
  const std::string key = "profile/" + id;
  if (oracle_.Acknowledged(key) != Oracle::kAbsent) {
    switch (Below(8)) {
      case 0:
      case 1:
        return SetPush(id);
      case 2:
        return SetPlacement(id);
      case 3:
        return SetFlags(id);
      default:
        break;
    }
  }
  const int64_t revision = NextRevision();
  v1::UpdateGraduateRequest request;
  *request.mutable_graduate() = GraduateAt(id, revision);
  request.mutable_update_mask()->add_paths("profile");
  request.set_allow_missing(true);
  const std::string state = absl::StrCat("v", revision);
  oracle_.Intend(key, state);
  v1::Graduate response;
  if (!Do<GraduateService>(&GraduateService::Stub::UpdateGraduate, request,
                           response)) {
    return false;
  }
  oracle_.Acknowledge(key, state);
  return true;
}

bool LoadThread::AwaitOperation(const std::string& name) {
  google::longrunning::WaitOperationRequest request;
  request.set_name(name);
  request.mutable_timeout()->set_seconds(2);
  Operation operation;
  do {
    if (work_.stop_ ||
        !Do<Operations>(&Operations::Stub::WaitOperation, request, operation)) {
      return false;
    }
  } while (!operation.done());
  if (operation.has_error() && !work_.errors_expected_) {
    oracle_.Blame(name + " failed: " + operation.error().message());
  }
  return true;
}

// Somebody comes and is erased at once; every eighth with a proof.
bool LoadThread::OneErasure() {
  const std::string id = absl::StrCat("erased-graduate-", NextSerial(), "-end");
  v1::UpdateGraduateRequest request;
  *request.mutable_graduate() = GraduateAt(id, 1);
  request.mutable_update_mask()->add_paths("profile");
  request.set_allow_missing(true);
  oracle_.Intend("profile/" + id, "v1");
  v1::Graduate response;
  if (!Do<GraduateService>(&GraduateService::Stub::UpdateGraduate, request,
                           response)) {
    return false;
  }
  oracle_.Acknowledge("profile/" + id, "v1");
  const bool purge = Below(8) == 0;
  v1::EraseGraduateRequest erase;
  erase.set_name("graduates/" + id);
  erase.set_purpose("本人申请");
  erase.set_purge_now(purge);
  oracle_.Intend("profile/" + id, Oracle::kAbsent);
  oracle_.Intend("erased/" + id, "erased");
  Operation operation;
  if (!Do<GraduateService>(&GraduateService::Stub::EraseGraduate, erase,
                           operation)) {
    return false;
  }
  oracle_.Acknowledge("profile/" + id, Oracle::kAbsent);
  oracle_.Acknowledge("erased/" + id, "erased");
  if (!purge) return true;
  if (!AwaitOperation(operation.name())) return false;
  oracle_.Saw("purged/" + id, "purged");
  return true;
}

}  // namespace gradmatch
