#include "server/identity/access_rules.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "server/resource_name.h"

namespace gradmatch {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const RoleRule* RuleOf(const AccessRule& rule, CallerRole role) {
  const auto it = std::ranges::find(rule.roles, role, &RoleRule::role);
  return it == rule.roles.end() ? nullptr : &*it;
}

std::string_view ServiceOf(std::string_view method) {
  return method.substr(0, method.find('.'));
}

bool Covers(std::string_view scope, std::string_view method) {
  return scope == method || scope == ServiceOf(method);
}

std::string TenantName(const Caller& caller) {
  return caller.role == CallerRole::kSource ? SourceNameOf(caller.tenant)
                                            : StaffNameOf(caller.tenant);
}

// The values of the field at `path`; one empty text for a field, or a message
// on the way to it, that is not set. Of what is repeated, all.
void Collect(const Message& message, std::string_view path,
             std::vector<std::string>& values) {
  const size_t dot = path.find('.');
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(
      std::string(path.substr(0, dot)));
  if (field == nullptr) return;
  const google::protobuf::Reflection& of = *message.GetReflection();
  const bool leaf = dot == std::string_view::npos;
  const std::string_view rest = leaf ? "" : path.substr(dot + 1);
  if (field->is_repeated()) {
    for (int i = 0; i < of.FieldSize(message, field); ++i) {
      if (leaf) {
        values.push_back(of.GetRepeatedString(message, field, i));
      } else {
        Collect(of.GetRepeatedMessage(message, field, i), rest, values);
      }
    }
  } else if (leaf) {
    values.push_back(of.GetString(message, field));
  } else {
    // Of a message that is not set this is the default one: empty texts.
    Collect(of.GetMessage(message, field), rest, values);
  }
}

bool Fits(const Caller& caller, Binding binding, const std::string& value,
          const IsStudent& is_student) {
  // A caller without a tenant owns nothing, whatever its role says.
  const bool bound = !caller.tenant.empty();
  switch (binding) {
    case Binding::kTenant:
      return bound && value == TenantName(caller);
    case Binding::kBelowTenant:
      return bound && value.starts_with(TenantName(caller) + "/");
    case Binding::kOwnContent:
      return bound &&
             value.starts_with(ContentNameOf(ContentIdPrefix(caller.tenant)));
    case Binding::kOwnContentId:
      return bound && value.starts_with(ContentIdPrefix(caller.tenant));
    case Binding::kStudent:
      return bound && is_student && is_student(caller.tenant, value);
    case Binding::kAbsent:
      return value.empty();
    case Binding::kRecall:
      return value.starts_with("operations/recall-");
  }
  return false;
}

std::string Allowed(const Caller& caller, Binding binding) {
  switch (binding) {
    case Binding::kTenant:
      return TenantName(caller);
    case Binding::kBelowTenant:
      return absl::StrCat(TenantName(caller), "/…");
    case Binding::kOwnContent:
      return absl::StrCat(ContentNameOf(ContentIdPrefix(caller.tenant)), "…");
    case Binding::kOwnContentId:
      return absl::StrCat(ContentIdPrefix(caller.tenant), "…");
    case Binding::kStudent:
      return "本人负责的毕业生";
    case Binding::kAbsent:
      return "留空";
    case Binding::kRecall:
      return "operations/recall-…";
  }
  return "";
}

absl::Status RoleDenied(const Caller& caller, std::string_view method,
                        const AccessRule* rule) {
  std::string roles;
  if (rule != nullptr) {
    for (const RoleRule& one : rule->roles) {
      absl::StrAppend(&roles, roles.empty() ? "" : "、",
                      A(CallerRoleName(one.role)));
    }
  }
  if (roles.empty()) roles = "无";
  return MakeError(
      absl::StatusCode::kPermissionDenied, kPermissionDenied,
      absl::StrCat("角色 ", A(CallerRoleName(caller.role)), " 不能调用 ",
                   A(method), "；可以调用的角色：", roles,
                   "。请换用相应角色的令牌，或请运维人员签发"),
      {{"value", std::string(CallerRoleName(caller.role))},
       {"allowed", roles}});
}

}  // namespace

const AccessRule* FindAccessRule(std::string_view method) {
  static const auto& by_method =
      *new std::map<std::string_view, const AccessRule*>([] {
        std::map<std::string_view, const AccessRule*> map;
        for (const AccessRule& rule : AccessRules()) map[rule.method] = &rule;
        return map;
      }());
  const auto it = by_method.find(method);
  return it == by_method.end() ? nullptr : it->second;
}

std::string ContentIdPrefix(std::string_view source_id) {
  return absl::StrCat(A(source_id), ".");
}

absl::Status CheckRole(const Caller& caller, std::string_view method) {
  const AccessRule* rule = FindAccessRule(method);
  if (rule == nullptr || RuleOf(*rule, caller.role) == nullptr) {
    return RoleDenied(caller, method, rule);
  }
  const bool covered =
      caller.scopes.empty() ||
      std::ranges::any_of(caller.scopes, [method](const std::string& scope) {
        return Covers(scope, method);
      });
  if (covered) return absl::OkStatus();
  return MakeError(absl::StatusCode::kPermissionDenied, kScopeDenied,
                   absl::StrCat("令牌的范围不包括 ", A(method),
                                "；请换用范围更大的令牌，或请运维人员签发"),
                   {{"value", std::string(method)}});
}

absl::Status CheckTenant(const Caller& caller, std::string_view method,
                         const Message& request, const IsStudent& is_student) {
  const AccessRule* rule = FindAccessRule(method);
  const RoleRule* of_role =
      rule == nullptr ? nullptr : RuleOf(*rule, caller.role);
  if (of_role == nullptr) return RoleDenied(caller, method, rule);
  for (const BoundField& bound : of_role->bounds) {
    std::vector<std::string> values;
    Collect(request, bound.field, values);
    for (const std::string& value : values) {
      if (Fits(caller, bound.binding, value, is_student)) continue;
      const std::string allowed = Allowed(caller, bound.binding);
      return MakeError(
          absl::StatusCode::kPermissionDenied, kTenantDenied,
          absl::StrCat("字段 ", A(bound.field), " 须为 ", allowed,
                       "；其他的不存在，或不属于本调用方"),
          {{"field", std::string(bound.field)}, {"allowed", allowed}});
    }
  }
  return absl::OkStatus();
}

bool IsScopeOf(CallerRole role, std::string_view scope) {
  return std::ranges::any_of(AccessRules(), [&](const AccessRule& rule) {
    return RuleOf(rule, role) != nullptr && Covers(scope, rule.method);
  });
}

}  // namespace gradmatch
