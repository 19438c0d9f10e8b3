#include "server/field_mask.h"

#include <algorithm>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/field_mask_util.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"

namespace gradmatch {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::util::FieldMaskUtil;

size_t CommonPrefix(const std::string& a, const std::string& b) {
  const size_t most = std::min(a.size(), b.size());
  return std::mismatch(a.begin(), a.begin() + most, b.begin()).first -
         a.begin();
}

absl::Status BadPath(std::string_view field, const Descriptor& type,
                     const std::string& path) {
  FieldError error;
  error.field = std::string(field);
  error.value = path;
  size_t best = 0;
  for (int i = 0; i < type.field_count(); ++i) {
    const std::string& name = type.field(i)->name();
    error.allowed += (i == 0 ? "*, " : ", ") + name;
    const size_t common = CommonPrefix(name, path);
    if (common > best) {
      best = common;
      error.nearest = name;
    }
  }
  return InvalidField(kFieldMaskInvalid, error);
}

}  // namespace

absl::Status ApplyFieldMask(std::string_view field,
                            const google::protobuf::FieldMask& mask,
                            const google::protobuf::Message& patch,
                            google::protobuf::Message& target) {
  if (mask.paths_size() == 1 && mask.paths(0) == "*") {
    target.CopyFrom(patch);
    return absl::OkStatus();
  }
  google::protobuf::FieldMask paths = mask;
  if (paths.paths_size() == 0) {
    std::vector<const FieldDescriptor*> set;
    patch.GetReflection()->ListFields(patch, &set);
    for (const FieldDescriptor* f : set) paths.add_paths(f->name());
  }
  const Descriptor& type = *patch.GetDescriptor();
  for (const std::string& path : paths.paths()) {
    if (path.empty() ||
        !FieldMaskUtil::GetFieldDescriptors(&type, path, nullptr)) {
      return BadPath(field, type, path);
    }
  }
  FieldMaskUtil::MergeOptions replace;
  replace.set_replace_message_fields(true);
  replace.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(patch, paths, replace, &target);
  return absl::OkStatus();
}

}  // namespace gradmatch
