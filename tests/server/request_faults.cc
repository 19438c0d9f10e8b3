#include "tests/server/request_faults.h"

#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"

namespace gradmatch {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// One field on the way from a request to a scalar; `index` is -1 for a field
// that is not repeated.
struct Step {
  const FieldDescriptor* field;
  int index;
};
using Steps = std::vector<Step>;

std::string PathOf(const Steps& steps) {
  std::string path;
  for (const Step& step : steps) {
    absl::StrAppend(&path, path.empty() ? "" : ".", step.field->name());
    if (step.index >= 0) absl::StrAppend(&path, "[", step.index, "]");
  }
  return path;
}

void CollectScalars(const Message& message, const Steps& prefix,
                    std::vector<Steps>& out) {
  const Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->is_map()) continue;
    Steps steps = prefix;
    const bool is_message =
        field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (field->is_repeated()) {
      steps.push_back({field, 0});
      const bool any = reflection.FieldSize(message, field) > 0;
      if (!is_message) {
        out.push_back(steps);
      } else if (any) {
        CollectScalars(reflection.GetRepeatedMessage(message, field, 0), steps,
                       out);
      }
      continue;
    }
    // Another field of a oneof would take the place of the one that is set.
    const auto* oneof = field->real_containing_oneof();
    if (oneof != nullptr && reflection.HasOneof(message, oneof) &&
        !reflection.HasField(message, field)) {
      continue;
    }
    steps.push_back({field, -1});
    if (!is_message) {
      out.push_back(steps);
    } else if (reflection.HasField(message, field)) {
      CollectScalars(reflection.GetMessage(message, field), steps, out);
    }
  }
}

// The message that holds the last step's field, in `root`.
Message& Holder(Message& root, const Steps& steps) {
  Message* at = &root;
  for (size_t i = 0; i + 1 < steps.size(); ++i) {
    const Reflection& reflection = *at->GetReflection();
    at = steps[i].index < 0 ? reflection.MutableMessage(at, steps[i].field)
                            : reflection.MutableRepeatedMessage(
                                  at, steps[i].field, steps[i].index);
  }
  return *at;
}

std::string TextAt(const Message& holder, const Step& last) {
  const Reflection& reflection = *holder.GetReflection();
  if (last.index < 0) return reflection.GetString(holder, last.field);
  return reflection.FieldSize(holder, last.field) == 0
             ? ""
             : reflection.GetRepeatedString(holder, last.field, 0);
}

void SetText(Message& holder, const Step& last, const std::string& value) {
  const Reflection& reflection = *holder.GetReflection();
  if (last.index < 0) {
    reflection.SetString(&holder, last.field, value);
  } else if (reflection.FieldSize(holder, last.field) == 0) {
    reflection.AddString(&holder, last.field, value);
  } else {
    reflection.SetRepeatedString(&holder, last.field, 0, value);
  }
}

template <typename T>
void SetNumber(Message& holder, const Step& last, T value,
               void (Reflection::*set)(Message*, const FieldDescriptor*, T)
                   const,
               void (Reflection::*add)(Message*, const FieldDescriptor*, T)
                   const) {
  const Reflection& reflection = *holder.GetReflection();
  if (last.index < 0) {
    (reflection.*set)(&holder, last.field, value);
  } else {
    reflection.ClearField(&holder, last.field);
    (reflection.*add)(&holder, last.field, value);
  }
}

// The least (or greatest) number of the field's type.
void SetExtreme(Message& holder, const Step& last, bool least) {
  switch (last.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32: {
      using Limits = std::numeric_limits<int32_t>;
      SetNumber<int32_t>(holder, last, least ? Limits::min() : Limits::max(),
                         &Reflection::SetInt32, &Reflection::AddInt32);
      return;
    }
    case FieldDescriptor::CPPTYPE_INT64: {
      using Limits = std::numeric_limits<int64_t>;
      SetNumber<int64_t>(holder, last, least ? Limits::min() : Limits::max(),
                         &Reflection::SetInt64, &Reflection::AddInt64);
      return;
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const double value = std::numeric_limits<double>::infinity();
      SetNumber<double>(holder, last, least ? -value : value,
                        &Reflection::SetDouble, &Reflection::AddDouble);
      return;
    }
    default:
      return;
  }
}

std::vector<FaultKind> TextFaults(const Step& last, const std::string& value) {
  const std::string& name = last.field->name();
  if (name == "etag") return {FaultKind::kStaleEtag, FaultKind::kOverLong};
  if (name == "page_token") {
    return {FaultKind::kMadeUpToken, FaultKind::kOverLong};
  }
  std::vector<FaultKind> faults = {FaultKind::kOverLong, FaultKind::kControl};
  if (absl::StrContains(value, '/') && !absl::StrContains(value, "://")) {
    faults.push_back(FaultKind::kUnknownName);
    faults.push_back(FaultKind::kMalformedName);
  }
  return faults;
}

std::vector<FaultKind> FaultsOfField(const Message& holder, const Step& last) {
  if (last.field->containing_type()->full_name() ==
      "google.protobuf.FieldMask") {
    return {FaultKind::kUnknownMask};
  }
  switch (last.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (last.field->type() == FieldDescriptor::TYPE_BYTES) return {};
      return TextFaults(last, TextAt(holder, last));
    case FieldDescriptor::CPPTYPE_ENUM:
      return {FaultKind::kUnknownEnum};
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return {FaultKind::kNegative, FaultKind::kHuge};
    default:
      return {};
  }
}

// "sources/gd/postings/A-1" with its last id replaced; of a singleton, such as
// "sources/gd/figures", the id of what it belongs to.
std::string OtherName(const std::string& name) {
  std::vector<std::string> parts = absl::StrSplit(name, '/');
  parts[parts.size() - 1 - parts.size() % 2] = "no-such-thing";
  return absl::StrJoin(parts, "/");
}

void Spoil(Message& holder, const Step& last, FaultKind kind) {
  switch (kind) {
    case FaultKind::kOverLong:
      return SetText(holder, last, std::string(70'000, 'x'));
    case FaultKind::kControl:
      return SetText(holder, last, "a\x01\n\t../../etc/passwd\x7f");
    case FaultKind::kStaleEtag:
      return SetText(holder, last, "0");
    case FaultKind::kMadeUpToken:
      return SetText(holder, last, "MTIz");
    case FaultKind::kUnknownMask:
      return SetText(holder, last, "no_such_field");
    case FaultKind::kUnknownName:
      return SetText(holder, last, OtherName(TextAt(holder, last)));
    case FaultKind::kMalformedName:
      return SetText(holder, last, "things/1/others");
    case FaultKind::kNegative:
      return SetExtreme(holder, last, /*least=*/true);
    case FaultKind::kHuge:
      return SetExtreme(holder, last, /*least=*/false);
    case FaultKind::kUnknownEnum:
      return SetNumber<int>(holder, last, 9'999, &Reflection::SetEnumValue,
                            &Reflection::AddEnumValue);
  }
}

}  // namespace

const char* FaultName(FaultKind kind) {
  switch (kind) {
    case FaultKind::kOverLong:
      return "over-long";
    case FaultKind::kControl:
      return "control characters";
    case FaultKind::kNegative:
      return "least number";
    case FaultKind::kHuge:
      return "greatest number";
    case FaultKind::kUnknownEnum:
      return "unknown enum value";
    case FaultKind::kStaleEtag:
      return "stale etag";
    case FaultKind::kMadeUpToken:
      return "made-up page token";
    case FaultKind::kUnknownMask:
      return "unknown field in mask";
    case FaultKind::kUnknownName:
      return "name of nothing";
    case FaultKind::kMalformedName:
      return "malformed name";
  }
  return "";
}

std::vector<Fault> FaultsOf(const Message& right) {
  std::vector<Steps> scalars;
  CollectScalars(right, {}, scalars);
  std::vector<Fault> faults;
  for (const Steps& steps : scalars) {
    std::unique_ptr<Message> copy(right.New());
    copy->CopyFrom(right);
    for (FaultKind kind : FaultsOfField(Holder(*copy, steps), steps.back())) {
      std::unique_ptr<Message> spoilt(right.New());
      spoilt->CopyFrom(right);
      Spoil(Holder(*spoilt, steps), steps.back(), kind);
      faults.push_back({kind, PathOf(steps), std::move(spoilt)});
    }
  }
  return faults;
}

std::vector<std::unique_ptr<Message>> WithTexts(
    const Message& right,
    const std::function<std::string(const std::string& field,
                                    const std::string& text)>& replace) {
  std::vector<Steps> scalars;
  CollectScalars(right, {}, scalars);
  std::vector<std::unique_ptr<Message>> requests;
  for (const Steps& steps : scalars) {
    if (steps.back().field->type() != FieldDescriptor::TYPE_STRING) continue;
    std::unique_ptr<Message> copy(right.New());
    copy->CopyFrom(right);
    Message& holder = Holder(*copy, steps);
    SetText(holder, steps.back(),
            replace(PathOf(steps), TextAt(holder, steps.back())));
    requests.push_back(std::move(copy));
  }
  return requests;
}

bool HasTextField(const Message& request, const char* name) {
  const FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && !field->is_repeated() &&
         field->type() == FieldDescriptor::TYPE_STRING;
}

void SetTextField(Message& request, const char* name,
                  const std::string& value) {
  request.GetReflection()->SetString(
      &request, request.GetDescriptor()->FindFieldByName(name), value);
}

}  // namespace gradmatch
