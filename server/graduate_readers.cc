#include "server/graduate_readers.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "index/vault/audit_log.h"
#include "server/audit.h"
#include "server/graduate_kind.h"
#include "server/staff_checks.h"
#include "server/staff_registry.h"

namespace gradmatch {
namespace {

absl::Status Keep(AuditLog& audit, const GraduateAccess& access) {
  AuditEvent event;
  event.principal = access.caller.principal;
  // Who acts in somebody's name is told with that name.
  if (!access.staff.empty()) {
    absl::StrAppend(&event.principal, " for ", access.staff);
  }
  event.role = std::string(CallerRoleName(access.caller.role));
  event.method = access.method;
  event.resource = access.posting;
  event.purpose = access.purpose;
  event.result = access.reason.empty() ? kAuditAllowed : access.reason;
  std::vector<AuditEvent> events = {event};
  for (const std::string& key : access.graduate_keys) {
    event.resource = PersonInAudit(key);
    events.push_back(event);
  }
  return audit.Append(events);
}

}  // namespace

GraduateReaderHooks MakeGraduateReaderHooks(Runtime& runtime) {
  GraduateReaderHooks hooks;
  hooks.scope_of =
      [&runtime](std::string_view id) -> absl::StatusOr<GraduateFilter> {
    auto staff = runtime.engine().staff.Get(id);
    if (!staff.ok()) return staff.status();
    return [staff = *std::move(staff)](const v1::Graduate& graduate) {
      return InScope(staff, graduate);
    };
  };
  hooks.audit = [&runtime](const GraduateAccess& access) {
    return Keep(runtime.engine().audit, access);
  };
  return hooks;
}

IsStudent MakeIsStudent(const Engine& engine) {
  return [&engine](std::string_view staff_id, const std::string& name) {
    const auto staff = engine.staff.Get(staff_id);
    if (!staff.ok()) return false;
    const auto graduate = ReadGraduate(engine, "graduate", name);
    return graduate.ok() && InScope(*staff, *graduate);
  };
}

}  // namespace gradmatch
