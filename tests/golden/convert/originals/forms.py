"""The forms: from timm's names back to those of the original code bases."""
import collections
import functools
import re
import types

from timm.models import crossvit, deit, gemma4_vit, hieradet_sam2

CLIP_TEXT = {
    'positional_embedding': (77, 16), 'text_projection': (16, 16), 'logit_scale': (), 'token_embedding.weight': (9,
     16),
    'transformer.resblocks.0.ln_1.weight': (16,), 'transformer.resblocks.0.attn.in_proj_weight': (48, 16),
    'ln_final.weight': (16,),
}
TRUNK_TEXT = {'logit_scale': (), 'text.token_embedding.weight': (9, 16), 'text.ln_final.weight': (16,)}
CASES = []


def form(name, model, *rules, **more):
    """rules: pairs of pattern and text, and functions over the shapes, applied in order."""
    CASES.append(dict(name=name, model=model, rules=rules, **more))


def sub(pattern, new):
    def rename(shapes):
        return collections.OrderedDict((re.sub(pattern, new, name), shape) for name, shape in shapes.items())
    return rename


def plus(template, group, step):
    """A template with the groups of a match, one of them a number to which a step is added."""
    return lambda m: template.format(*[int(g) + step if i == group else g for i, g in enumerate(m.groups())])


def add(more):
    return lambda shapes: shapes.update(more)


def drop(pattern):
    def run(shapes):
        for name in [n for n in shapes if re.search(pattern, n)]:
            del shapes[name]
    return run


def shape(pattern, change):
    def run(shapes):
        for name in shapes:
            if re.search(pattern, name):
                shapes[name] = tuple(change(shapes[name]))
    return run


def beside(pattern, new, size):
    """Another tensor for each whose name matches."""
    def run(shapes):
        for name in [n for n in shapes if re.search(pattern, n)]:
            shapes[re.sub(pattern, new, name)] = size
    return run


def joined(pattern, new, parts):
    """Tensors of several names become one, along the first axis; group 2 of the pattern is the part."""
    def run(shapes):
        for name in [n for n in shapes if (m := re.search(pattern, n)) and m[2] == parts[0]]:
            rows = [shapes.pop(re.sub(pattern, rf'\g<1>{part}\3', name)) for part in parts]
            shapes[re.sub(pattern, rf'\g<1>{new}\3', name)] = (sum(r[0] for r in rows),) + rows[0][1:]
    return run


def cut(pattern, parts, new):
    """A tensor becomes equal pieces of its first axis."""
    def run(shapes):
        for name in [n for n in shapes if re.search(pattern, n)]:
            size = shapes.pop(name)
            for part in parts:
                shapes[re.sub(pattern, new.replace('@', part), name)] = (size[0] // len(parts),) + size[1:]
    return run


def before(prefix):
    return sub('^', prefix)


def squeezed(s):
    return [d for d in s if d != 1]


def front(s):
    return s[1:]


# Meta: ConvNeXt and those that follow its code
CONVNEXT = [
    sub(r'^stem\.', 'downsample_layers.0.'), sub(r'^stages\.(\d)\.downsample\.', r'downsample_layers.\1.'),
    sub(r'^stages\.(\d)\.blocks\.', r'stages.\1.'), sub(r'\.conv_dw\.', '.dwconv.'), sub(r'\.mlp\.fc(\d)\.',
     r'.pwconv\1.'),
    sub(r'^head\.norm\.', 'norm.'), sub(r'^head\.fc\.', 'head.'),
]
form('convnext/fb', 'convnext_atto', *CONVNEXT, shape('pwconv.*weight', squeezed), wrap=['model'])
form('convnext/v2', 'convnextv2_atto', *CONVNEXT, shape('pwconv.*weight', squeezed),
     sub(r'\.mlp\.grn\.weight', '.grn.gamma'), sub(r'\.mlp\.grn\.bias', '.grn.beta'),
     shape(r'\.grn\.', lambda s: (1, 1, 1) + s), wrap=['model'])
form('convnext/dinov3', 'convnext_atto', *CONVNEXT, shape('pwconv.*weight', squeezed), drop('^head'),
     add({'norms.3.weight': (320,), 'norms.3.bias': (320,)}), kwargs=dict(num_classes=0))
form('convnext/open_clip', 'convnext_atto', before('visual.trunk.'), sub(r'^visual\.trunk\.head\.fc\.',
     'visual.head.proj.'),
     drop(r'head\.proj\.bias'), add(TRUNK_TEXT), kwargs=dict(num_classes=64))
form('convnext/open_clip_mlp', 'convnext_atto', before('visual.trunk.'),
     sub(r'^visual\.trunk\.head\.pre_logits\.fc\.', 'visual.head.mlp.fc1.'),
     sub(r'^visual\.trunk\.head\.fc\.', 'visual.head.mlp.fc2.'), drop(r'^visual\.head\.mlp\.fc2\.bias'),
     add(TRUNK_TEXT),
     kwargs=dict(num_classes=64, head_hidden_size=80), inline=True)
form('edgenext/original', 'edgenext_xx_small', *CONVNEXT, wrap=['state_dict'])
form('mambaout/original', 'mambaout_femto', sub(r'^stem\.', 'downsample_layers.0.'),
     sub(r'^stages\.(\d)\.downsample\.', r'downsample_layers.\1.'), sub(r'^stages\.(\d)\.blocks\.', r'stages.\1.'),
     sub(r'^head\.norm\.', 'norm.'), sub(r'^head\.fc\.', 'head.fc2.'), sub(r'^head\.pre_logits\.fc\.', 'head.fc1.'),
     sub(r'^head\.pre_logits\.', 'head.'), wrap=['model'])

# metaformer and other networks whose blocks and reductions are one sequence
NETWORK = [
    sub(r'^stages\.(\d)\.blocks\.', lambda m: f'network.{2 * int(m[1])}.'),
    sub(r'^stages\.(\d)\.downsample\.', lambda m: f'network.{2 * int(m[1]) - 1}.'),
]
METAFORMER = [
    sub(r'^stem\.norm\.', 'downsample_layers.0.post_norm.'), sub(r'^stem\.', 'downsample_layers.0.'),
    sub(r'^stages\.(\d)\.downsample\.norm\.', r'downsample_layers.\1.pre_norm.'),
    sub(r'^stages\.(\d)\.downsample\.', r'downsample_layers.\1.'), sub(r'^stages\.(\d)\.blocks\.', r'stages.\1.'),
    sub(r'^head\.norm\.', 'norm.'), sub(r'^head\.fc\.', 'head.'),
    shape(r'(pwconv\d|fc\d|qkv)\.weight|token_mixer\.proj\.weight', squeezed),
]
form('metaformer/poolformer', 'poolformer_s12', *NETWORK, sub(r'^stem\.conv\.', 'patch_embed.proj.'),
     sub(r'^(network\.\d)\.conv\.', r'\1.proj.'), sub(r'layer_scale(\d)\.scale', r'layer_scale_\1'),
     sub(r'^head\.norm\.', 'norm.'), sub(r'^head\.fc\.', 'head.'))
form('metaformer/poolformerv2', 'poolformerv2_s12', *METAFORMER)
form('metaformer/caformer', 'caformer_s18', *METAFORMER)
form('efficientformer/original', 'efficientformer_l1', *NETWORK, sub(r'^(network\.\d)\.conv\.', r'\1.proj.'),
     sub(r'^stem\.conv1\.', 'patch_embed.0.'), sub(r'^stem\.norm1\.', 'patch_embed.1.'),
     sub(r'^stem\.conv2\.', 'patch_embed.3.'), sub(r'^stem\.norm2\.', 'patch_embed.4.'),
     sub(r'\.ls(\d)\.gamma', r'.layer_scale_\1'), sub('^head_dist', 'dist_head'))
form('swiftformer/original', 'swiftformer_xs', *NETWORK, sub(r'^stem\.', 'patch_embed.'),
     sub('^head_dist', 'dist_head'), sub(r'\.attn\.proj\.', '.attn.Proj.'), sub(r'(layer_scale\w*)\.gamma', r'\1'),
     wrap=['model'])


def fastvit(last):
    """last: the place of the last stage's blocks."""
    return [
        sub(r'^stages\.3\.blocks\.', f'network.{last}.'), sub(r'^stages\.3\.pos_emb\.pos_enc\.',
        f'network.{last - 1}.pe.'),
        *NETWORK, sub(r'^stem\.', 'patch_embed.'), sub('conv_kxk', 'rbr_conv'), sub('conv_scale', 'rbr_scale'),
        sub(r'\.identity\.', '.rbr_skip.'), sub('^final_conv', 'conv_exp'), sub('large_conv', 'lkb_origin'),
        sub(r'\.mlp\.', '.convffn.'), sub(r'se\.fc1\.', 'se.reduce.'), sub(r'se\.fc2\.', 'se.expand.'),
        sub(r'(layer_scale\w*)\.gamma', r'\1'), sub(r'^head\.fc\.', 'head.'),
    ]


form('fastvit/apple', 'fastvit_t8', *fastvit(6), wrap=['state_dict'])
form('fastvit/apple_positions', 'fastvit_sa12', *fastvit(7), wrap=['state_dict'])
form('fastvit/mobileclip', 'fastvit_mci0', *fastvit(7), drop(r'^head\.bias'), sub(r'^head\.weight', 'head.proj'),
     shape(r'^head\.proj', reversed), before('image_encoder.model.'),
     add({'text_encoder.projection_layer': (16, 16), 'logit_scale': ()}))
form('fastvit/open_clip', 'fastvit_mci0', before('module.visual.trunk.'),
     lambda s: s.update({f'module.{k}': v for k, v in TRUNK_TEXT.items()}))
form('vision_transformer_hybrid/mobileclip', 'vit_base_mci_224',
     sub(r'^patch_embed\.backbone\.(\d)\.conv\.', r'patch_emb.\1.block.conv.'),
     sub(r'^patch_embed\.backbone\.(\d)\.bn\.', r'patch_emb.\1.block.norm.'),
     sub(r'^blocks\.(\d+)\.norm1\.', r'transformer.\1.pre_norm_mha.0.'),
     sub(r'^blocks\.(\d+)\.attn\.qkv\.', r'transformer.\1.pre_norm_mha.1.qkv_proj.'),
     sub(r'^blocks\.(\d+)\.attn\.proj\.', r'transformer.\1.pre_norm_mha.1.out_proj.'),
     sub(r'^blocks\.(\d+)\.norm2\.', r'transformer.\1.pre_norm_ffn.0.'),
     sub(r'^blocks\.(\d+)\.mlp\.fc1\.', r'transformer.\1.pre_norm_ffn.1.'),
     sub(r'^blocks\.(\d+)\.mlp\.fc2\.', r'transformer.\1.pre_norm_ffn.4.'),
     sub(r'^norm\.', 'post_transformer_norm.'), sub(r'^pos_embed$', 'pos_embed.pos_embed.pos_embed'),
     shape(r'^pos_embed\.', lambda s: (1,) + s), drop(r'^head\.bias'), sub(r'^head\.weight', 'classifier.proj'),
     shape(r'^classifier', reversed), before('image_encoder.model.'),
     add({'text_encoder.projection_layer': (16, 16), 'logit_scale': ()}))

# OpenAI's CLIP and what follows its code
CLIP = [
    sub(r'^patch_embed\.proj\.', 'conv1.'), sub(r'^pos_embed$', 'positional_embedding'),
    sub(r'^cls_token$', 'class_embedding'), sub(r'^norm_pre\.', 'ln_pre.'), sub(r'^norm\.', 'ln_post.'),
    sub(r'^blocks\.', 'transformer.resblocks.'), sub(r'\.norm(\d)\.', r'.ln_\1.'),
    sub(r'\.attn\.qkv\.', '.attn.in_proj_'), sub(r'\.attn\.proj\.', '.attn.out_proj.'),
    sub(r'\.mlp\.fc1\.', '.mlp.c_fc.'), sub(r'\.mlp\.fc2\.', '.mlp.c_proj.'),
    drop(r'^head\.bias'), sub(r'^head\.weight', 'proj'), shape(r'^proj$', reversed),
    shape('^positional_embedding', front), shape('^class_embedding', lambda s: s[2:]),
]
PE = [
    sub(r'\.gamma_(\d)$', r'.ls_\1.gamma'),
    lambda s: s.update({f'attn_pool.attn.in_proj_{p}': (3 * s.pop(f'attn_pool.q.{p}')[0],) + s.pop(f'attn_pool.kv.{p}')[1:]
                        for p in ('weight', 'bias') if f'attn_pool.q.{p}' in s}),
    sub(r'^attn_pool\.proj\.', 'attn_pool.attn.out_proj.'), sub(r'^attn_pool\.norm\.', 'attn_pool.layernorm.'),
    sub(r'^attn_pool\.latent', 'attn_pool.probe'), *CLIP,
]
form('vision_transformer/openai_clip', 'vit_base_patch32_clip_224', *CLIP, before('visual.'), add(CLIP_TEXT),
     kwargs=dict(num_classes=512))
form('vision_transformer/open_clip_wrapped', 'vit_base_patch32_clip_224', *CLIP, before('module.visual.'),
     lambda s: s.update({f'module.{k}': v for k, v in CLIP_TEXT.items()}), kwargs=dict(num_classes=512),
     wrap=['state_dict'])
form('eva/pe', 'vit_pe_core_tiny_patch16_384', *PE, before('visual.'), add(CLIP_TEXT))
form('eva/pe_spatial', 'vit_pe_spatial_tiny_patch16_512', *PE)
CLIP_RESNET = [
    sub(r'^stem\.conv(\d)\.conv\.', r'conv\1.'), sub(r'^stem\.conv(\d)\.bn\.', r'bn\1.'),
    sub(r'^stages\.(\d)\.(\d+)\.shortcut\.conv\.conv\.', plus('layer{}.{}.downsample.0.', 0, 1)),
    sub(r'^stages\.(\d)\.(\d+)\.shortcut\.conv\.bn\.', plus('layer{}.{}.downsample.1.', 0, 1)),
    sub(r'^stages\.(\d)\.(\d+)\.conv(\d)_\w+\.conv\.', plus('layer{}.{}.conv{}.', 0, 1)),
    sub(r'^stages\.(\d)\.(\d+)\.conv(\d)_\w+\.bn\.', plus('layer{}.{}.bn{}.', 0, 1)),
    sub(r'^head\.pos_embed', 'attnpool.positional_embedding'), sub(r'^head\.proj\.', 'attnpool.c_proj.'),
    sub(r'^head\.([qkv])\.', r'attnpool.\1_proj.'),
]
form('byobnet/openai_clip', 'resnet50_clip', *CLIP_RESNET, before('visual.'), add(CLIP_TEXT))
form('byobnet/openai_clip_gap', 'resnet50_clip_gap', *CLIP_RESNET,
     add({'attnpool.positional_embedding': (50, 2048), 'attnpool.q_proj.weight': (2048, 2048)}), before('visual.'),
     add(CLIP_TEXT), kwargs=dict(num_classes=0), big=True)

# EVA, EVA-02, EVA-CLIP, DINOv3
EVA02 = [
    sub(r'\.mlp\.norm\.', '.mlp.ffn_ln.'), sub(r'\.attn\.norm\.', '.attn.inner_attn_ln.'),
    sub(r'\.mlp\.fc1\.', '.mlp.w12.'), sub(r'\.mlp\.fc1_g\.', '.mlp.w1.'), sub(r'\.mlp\.fc1_x\.', '.mlp.w2.'),
    sub(r'\.mlp\.fc2\.', '.mlp.w3.'), sub(r'\.(q|v)_proj\.bias', r'.\1_bias'),
    add({'rope.freqs_cos': (4, 4), 'rope.freqs_sin': (4, 4), 'blocks.0.attn.rope.freqs_cos': (4, 4)}),
]
form('eva/eva02', 'eva02_tiny_patch14_336', *EVA02, wrap=['module'])
form('eva/eva02_mim', 'eva02_tiny_patch14_224', *EVA02, sub(r'^fc_norm\.', 'norm.'),
     add({'mask_token': (1, 1, 192), 'lm_head.weight': (16, 192), 'lm_head.bias': (16,)}), wrap=['model'])
form('eva/eva_clip', 'eva02_base_patch16_clip_224', *EVA02, before('visual.'),
     add({'logit_scale': (), 'text.token_embedding.weight': (9, 16), 'text.positional_embedding': (77, 16)}),
     kwargs=dict(img_size=64), file_kwargs={}, near='^pos_embed')
form('eva/open_clip', 'eva02_base_patch16_clip_224', before('visual.trunk.'), add(TRUNK_TEXT), big=True)
DINOV3 = [
    sub('^reg_token', 'storage_tokens'), sub(r'\.gamma_(\d)$', r'.ls\1.gamma'),
    beside(r'qkv\.weight', 'qkv.bias', (1152,)), beside(r'qkv\.weight', 'qkv.bias_mask', (1152,)),
    add({'mask_token': (1, 384), 'rope_embed.periods': (16,), 'local_cls_norm.weight': (384,),
     'projectors.0.weight': (4, 4)}),
]
form('eva/dinov3', 'vit_small_patch16_dinov3', *DINOV3)
form('eva/dinov3_qkvb', 'vit_small_patch16_dinov3_qkvb', drop('[qv]_bias'), *DINOV3)

# other vision transformers
form('beit/original', 'beit_base_patch16_224', beside('relative_position_bias_table', 'relative_position_index', (9,
     9)),
     kwargs=dict(img_size=64), file_kwargs={}, near='bias_table', wrap=['module'])
form('deit/deit3', 'deit3_small_patch16_224', sub(r'\.ls(\d)\.gamma', r'.gamma_\1'), wrap=['model'],
     fn=functools.partial(deit.checkpoint_filter_fn, adapt_layer_scale=True))
form('vision_transformer/dinov2', 'vit_small_patch14_dinov2', add({'mask_token': (1, 384)}),
     kwargs=dict(img_size=70), file_kwargs={}, near='^pos_embed')
REGISTERS = [
    sub('^reg_token', 'register_tokens'), shape('^pos_embed', lambda s: (1, s[1] + 1, s[2])), add({'mask_token': (1,
     384)}),
]
form('vision_transformer/dinov2_registers', 'vit_small_patch14_reg4_dinov2', *REGISTERS,
     kwargs=dict(img_size=70), file_kwargs={}, near='^pos_embed')
form('vision_transformer/dinov2_giant', 'vit_giant_patch14_dinov2', sub(r'mlp\.fc1\.', 'mlp.w12.'),
     sub(r'mlp\.fc2\.', 'mlp.w3.'), add({'mask_token': (1, 1536)}), kwargs=dict(depth=1), inline=True)
form('vision_transformer/tipsv2', 'vit_base_patch14_reg1_tipsv2', sub('^reg_token', 'register_tokens'),
     shape('^pos_embed', lambda s: (1, s[1] + 1, s[2])), add({'mask_token': (1, 768)}), before('vision_encoder.'),
     add({'text_encoder.token_embedding.weight': (9, 16), 'temperature': ()}), kwargs=dict(depth=1), inline=True)
form('vision_transformer/beit3', 'beit3_base_patch16_224', cut(r'attn\.qkv\.(\w+)$', 'qkv', r'attn.@_proj.\1'),
     sub(r'^patch_embed\.', 'vision_embed.'), sub(r'^cls_token', 'vision_embed.cls_token'),
     sub(r'^blocks\.(\d+)\.attn\.norm\.', r'encoder.layers.\1.self_attn.inner_attn_ln.A.'),
     sub(r'^blocks\.(\d+)\.attn\.proj\.', r'encoder.layers.\1.self_attn.out_proj.A.'),
     sub(r'^blocks\.(\d+)\.attn\.(\w_proj)\.', r'encoder.layers.\1.self_attn.\2.A.'),
     sub(r'^blocks\.(\d+)\.norm1\.', r'encoder.layers.\1.self_attn_layer_norm.A.'),
     sub(r'^blocks\.(\d+)\.norm2\.', r'encoder.layers.\1.final_layer_norm.A.'),
     sub(r'^blocks\.(\d+)\.mlp\.norm\.', r'encoder.layers.\1.ffn.A.ffn_layernorm.'),
     sub(r'^blocks\.(\d+)\.mlp\.', r'encoder.layers.\1.ffn.A.'),
     sub('^pos_embed', 'encoder.embed_positions.A.weight'), sub('^(encoder|vision)', r'beit3.\1'),
     shape('embed_positions', lambda s: (s[1] + 2, s[2])), beside(r'\.A\.(?!.*ffn)(\w+)$', r'.B.\1', (4,)),
     add({'beit3.text_embed.weight': (9, 16), 'beit3.vision_embed.mask_token': (1, 1, 768)}), wrap=['model'],
     kwargs=dict(depth=1), inline=True)
form('vision_transformer/aimv2', 'aimv2_large_patch14_224', sub(r'\.norm(\d)\.', r'.norm_\1.'),
     sub(r'^patch_embed\.', 'preprocessor.patchifier.'), sub(r'^pos_embed', 'preprocessor.pos_embed'),
     sub(r'^norm\.', 'trunk.post_trunk_norm.'), sub(r'^blocks\.', 'trunk.blocks.'), sub(r'mlp\.fc1_g', 'mlp.fc1'),
     sub(r'mlp\.fc1_x', 'mlp.fc3'), kwargs=dict(depth=1), inline=True)
form('vision_transformer/ijepa', 'vit_huge_patch14_gap_224', before('module.'), kwargs=dict(depth=1), inline=True,
     wrap=['encoder'])
form('vision_transformer/open_clip', 'vit_base_patch16_siglip_224', before('visual.trunk.'), add(TRUNK_TEXT),
     kwargs=dict(depth=1), inline=True)
form('vision_transformer/open_clip_head', 'vit_base_patch32_clip_224', before('visual.trunk.'),
     sub(r'^visual\.trunk\.head\.', 'visual.head.proj.'), drop(r'^visual\.head\.proj\.bias'), add(TRUNK_TEXT),
     kwargs=dict(num_classes=512))
form('vision_transformer/flat_patches', 'vit_tiny_patch16_224', shape(r'patch_embed\.proj\.weight', lambda s: (s[0],
     768)),
     add({'pre_logits.fc.weight': (192, 192), 'pre_logits.fc.bias': (192,)}))
form('vitamin/open_clip', 'vitamin_small_224', before('visual.trunk.'), sub(r'^visual\.trunk\.head\.',
     'visual.head.proj.'),
     drop(r'^visual\.head\.proj\.bias'), add(TRUNK_TEXT), kwargs=dict(num_classes=384))
form('vision_transformer_sam/original', 'samvit_base_patch16', sub(r'mlp\.fc(\d)\.', r'mlp.lin\1.'),
     before('image_encoder.'),
     add({'prompt_encoder.not_a_point_embed.weight': (1, 256), 'mask_decoder.iou_token.weight': (1, 256)}), big=True)
form('hieradet_sam2/original', 'sam2_hiera_tiny', drop(r'^head\.'), sub(r'mlp\.fc1\.', 'mlp.layers.0.'),
     sub(r'mlp\.fc2\.', 'mlp.layers.1.'), before('image_encoder.trunk.'), add({'no_mem_embed': (1, 1, 256),
     'image_encoder.neck.convs.0.conv.weight': (8, 8, 1, 1), 'memory_encoder.out_proj.weight': (8, 8, 1, 1)}),
     wrap=['model'], missing=['head.norm.bias', 'head.norm.weight'],
     fn=functools.partial(hieradet_sam2.checkpoint_filter_fn, prefix='image_encoder.trunk.'))
form('hiera/original', 'hiera_tiny_224', sub(r'^head\.norm\.', 'norm.'), sub(r'^head\.fc\.', 'head.projection.'),
     wrap=['model_state'])
form('hiera/mae', 'hiera_tiny_224', sub(r'^head\.norm\.', 'encoder_norm.'), sub('^pos_embed$', 'pos_embed_abs'),
     wrap=['model_state'], kwargs=dict(num_classes=0))
GEMMA = [
    sub(r'^patch_embed\.', 'patch_embedder.'), sub(r'^blocks\.', 'encoder.layers.'), sub(r'\.norm1\.',
     '.input_layernorm.'),
    sub(r'\.norm2\.', '.post_attention_layernorm.'), sub(r'\.norm3\.', '.pre_feedforward_layernorm.'),
    sub(r'\.norm4\.', '.post_feedforward_layernorm.'), sub(r'\.attn\.', '.self_attn.'),
    add({'encoder.rotary_emb.inv_freq': (16,)}), before('model.vision_tower.'),
    add({'model.language_model.norm.weight': (16,), 'model.embed_vision.embedding_projection.weight': (16, 16)}),
]
# scale and shift of the encoder's tokens are buffers
form('gemma4_vit/hf', 'gemma4_vit_570m_enc', drop('^std_'), *GEMMA, missing=['std_bias', 'std_scale'],
     fn=gemma4_vit.checkpoint_filter_fn_encoder, big=True)
form('gemma4_vit/hf_classifier', 'gemma4_vit_570m', drop('^(norm|head)'), sub(r'^encoder\.', ''), *GEMMA, big=True,
     fn=gemma4_vit.checkpoint_filter_fn_classifier)
form('mobilenetv5/gemma3n', 'mobilenetv5_300m_enc', before('model.vision_tower.timm_model.'),
     add({'model.language_model.norm.weight': (16,), 'model.embed_vision.embedding.weight': (16, 16)}), big=True)
VIT_OF_NAFLEX = [
    sub(r'^embeds\.proj\.', 'patch_embed.proj.'), sub(r'^embeds\.', ''),
    shape(r'^patch_embed\.proj\.weight', lambda s: (s[0], 3, 16, 16)),
]
form('naflexvit/vit', 'naflexvit_base_patch16_map', *VIT_OF_NAFLEX,
     shape('^pos_embed', lambda s: (1, s[1] * s[2], s[3])))
form('naflexvit/vit_prefix', 'naflexvit_base_patch16_map', *VIT_OF_NAFLEX,
     shape('^pos_embed', lambda s: (1, s[1] * s[2] + 1, s[3])))

# windows
form('swin_transformer/original', 'swin_tiny_patch4_window7_224', sub(r'^layers\.(\d)\.downsample',
     plus('layers.{}.downsample', 0, -1)),
     sub(r'^head\.fc\.', 'head.'), beside('relative_position_bias_table', 'relative_position_index', (49, 49)),
     add({'layers.0.blocks.1.attn_mask': (64, 49, 49)}), wrap=['model'])
form('swin_transformer/original_window', 'swin_base_patch4_window12_384',
     sub(r'^layers\.(\d)\.downsample', plus('layers.{}.downsample', 0, -1)), sub(r'^head\.fc\.', 'head.'),
     file_model='swin_base_patch4_window7_224', file_kwargs={}, near='bias_table', wrap=['model'])
form('swin_transformer_v2/original', 'swinv2_tiny_window8_256', sub(r'^layers\.(\d)\.downsample',
     plus('layers.{}.downsample', 0, -1)),
     sub(r'^head\.fc\.', 'head.'), beside('logit_scale', 'relative_position_index', (64, 64)),
     beside('logit_scale', 'relative_coords_table', (1, 15, 15, 2)), wrap=['model'])
form('swin_transformer_v2_cr/tau', 'swinv2_cr_tiny_ns_224', sub('logit_scale', 'tau'), sub(r'^head\.fc\.', 'head.'),
     wrap=['model'], near='logit_scale')
form('focalnet/original', 'focalnet_tiny_srf', sub(r'^layers\.(\d)\.downsample', plus('layers.{}.downsample', 0, -1)),
     sub(r'^stem\.', 'patch_embed.'), sub(r'\.ls(\d)\.gamma', r'.gamma_\1'), sub(r'^head\.fc\.', 'head.'),
     shape(r'modulation\.(f|proj)\.weight', squeezed), wrap=['model'])
form('focalnet/original_post_norm', 'focalnet_large_fl3', sub(r'^layers\.(\d)\.downsample',
     plus('layers.{}.downsample', 0, -1)),
     sub(r'^stem\.', 'patch_embed.'), sub(r'\.ls(\d)\.gamma', r'.gamma_\1'), sub(r'\.norm(\d)_post\.', r'.norm\1.'),
     sub(r'\.modulation\.norm\.', '.modulation.ln.'), sub(r'^head\.fc\.', 'head.'),
     shape(r'modulation\.(f|proj)\.weight', squeezed),
     wrap=['model'], big=True)
form('maxxvit/window', 'maxvit_tiny_rw_224',
     file_kwargs={}, kwargs=dict(img_size=160), near='bias_table')
form('maxxvit/linear_mlp', 'coatnet_pico_rw_224', shape(r'mlp\.fc\d\.weight', squeezed),
     big=True)
form('tiny_vit/original', 'tiny_vit_21m_384', beside('attention_biases', 'attention_bias_idxs', (9, 9)),
     file_model='tiny_vit_21m_224',
     file_kwargs=dict(num_classes=1000), near='attention_biases', wrap=['model'])
form('levit/original', 'levit_128s', beside('attention_biases', 'attention_bias_idxs', (9, 9)), wrap=['model'])
form('davit/msft', 'davit_tiny', sub(r'^stem\.conv\.', 'patch_embeds.0.proj.'), sub(r'^stem\.', 'patch_embeds.0.'),
     sub(r'^stages\.(\d)\.downsample\.conv\.', r'patch_embeds.\1.proj.'), sub(r'^stages\.(\d)\.downsample\.',
     r'patch_embeds.\1.'),
     sub(r'^stages\.(\d)\.blocks\.', r'main_blocks.\1.'), sub(r'\.cpe1\.', '.cpe.0.'), sub(r'\.cpe2\.', '.cpe.1.'),
     sub(r'^head\.norm\.', 'norms.'), sub(r'^head\.fc\.', 'head.'), wrap=['state_dict'])
form('davit/florence2', 'davit_base_fl', drop(r'^head\.'), sub(r'^stem\.conv\.', 'convs.0.proj.'), sub(r'^stem\.',
     'convs.0.'),
     sub(r'^stages\.(\d)\.downsample\.conv\.', r'convs.\1.proj.'), sub(r'^stages\.(\d)\.downsample\.', r'convs.\1.'),
     sub(r'^stages\.(\d)\.blocks\.', r'blocks.\1.'), sub(r'\.cpe(\d)\.proj\.', r'.conv\1.fn.dw.'),
     sub(r'(spatial)_block\.norm1\.', r'\1_block.window_attn.norm.'), sub(r'(spatial)_block\.attn\.',
     r'\1_block.window_attn.fn.'),
     sub(r'(channel)_block\.norm1\.', r'\1_block.channel_attn.norm.'), sub(r'(channel)_block\.attn\.',
     r'\1_block.channel_attn.fn.'),
     sub(r'\.norm2\.', '.ffn.norm.'), sub(r'\.mlp\.', '.ffn.fn.net.'), before('vision_tower.'),
     add({'image_projection': (16, 16), 'language_model.model.shared.weight': (9, 16)}), big=True,
     missing=['head.norm.bias', 'head.norm.weight'])

# the rest
DEPTHS_OF_MVIT = (1, 2, 5, 2)
form('mvitv2/original', 'mvitv2_tiny',
     sub(r'^stages\.(\d)\.blocks\.(\d+)\.', lambda m: f'blocks.{sum(DEPTHS_OF_MVIT[:int(m[1])]) + int(m[2])}.'),
     sub('shortcut_proj_attn', 'proj'), sub(r'^head\.fc\.', 'head.projection.'), wrap=['model_state'])
form('xcit/original', 'xcit_nano_12_p8_224', sub(r'^pos_embed\.', 'pos_embeder.'),
     joined(r'(cls_attn_blocks\.\d\.attn\.)([qkv])(\.\w+)$', 'qkv', 'qkv'),
     wrap=['model'])
form('cait/module', 'cait_xxs24_224', before('module.'), wrap=['model'], big=True)
form('coat/original', 'coat_tiny', add({'norm1.weight': (152,), 'norm1.bias': (152,)}), wrap=['model'], big=True)
form('coat/original_lite', 'coat_lite_tiny', add({f'norm{i}.weight': (8,) for i in (1, 2, 3)}), wrap=['model'],
     big=True)
form('crossvit/original', 'crossvit_9_240', sub(r'^(pos_embed|cls_token)_', r'\1.'), big=True,
     fn=types.FunctionType(next(c for c in crossvit._create_crossvit.__code__.co_consts if hasattr(c, 'co_code')), {}))
form('mlp_mixer/resmlp', 'resmlp_12_224', sub(r'^stem\.', 'patch_embed.'), sub('linear_tokens', 'attn'),
     sub('mlp_channels', 'mlp'), sub(r'\.ls(\d)$', r'.gamma_\1'), shape('alpha|beta', lambda s: s[2:]), big=True)
form('pit/original', 'pit_ti_224', sub(r'^transformers\.(\d)\.pool\.', plus('pools.{}.', 0, -1)), big=True)
form('pvt_v2/original', 'pvt_v2_b0', sub(r'^patch_embed\.', 'patch_embed1.'), sub(r'^stages\.(\d)\.downsample\.',
     plus('patch_embed{}.', 0, 1)),
     sub(r'^stages\.(\d)\.blocks\.', plus('block{}.', 0, 1)), sub(r'^stages\.(\d)\.norm\.', plus('norm{}.', 0, 1)),
     sub(r'\.dwconv\.', '.dwconv.dwconv.'), big=True)
form('rdnet/original', 'rdnet_tiny', sub(r'^stem\.', 'stem.stem.'), wrap=['model'], big=True)
REGNET = [
    sub(r'\.conv1\.conv\.', '.f.a.0.'), sub(r'\.conv1\.bn\.', '.f.a.1.'), sub(r'\.conv2\.conv\.', '.f.b.0.'),
    sub(r'\.conv2\.bn\.', '.f.b.1.'),
]
form('regnet/torchvision', 'regnety_004', sub(r'^stem\.conv\.', 'stem.0.'), sub(r'^stem\.bn\.', 'stem.1.'),
     sub(r'^s(\d)\.b(\d+)\.', lambda m: f'trunk_output.block{m[1]}.block{m[1]}-{int(m[2]) - 1}.'), *REGNET,
     sub(r'\.conv3\.conv\.', '.f.c.0.'), sub(r'\.conv3\.bn\.', '.f.c.1.'), sub(r'\.se\.', '.f.se.'),
     sub(r'\.downsample\.conv\.', '.proj.0.'), sub(r'\.downsample\.bn\.', '.proj.1.'), sub(r'^head\.fc\.', 'fc.'),
     big=True)


def seer(sd):
    model = {'trunk': {k[6:]: v for k, v in sd.items() if k.startswith('trunk.')},
             'heads': {k[6:]: v for k, v in sd.items() if k.startswith('heads.')}}
    return {'classy_state_dict': {'base_model': {'model': model}}}


form('regnet/seer', 'regnety_004', sub(r'^stem\.conv\.', '_feature_blocks.conv1.stem.0.'), sub(r'^stem\.bn\.',
     '_feature_blocks.conv1.stem.1.'),
     sub(r'^s(\d)\.b(\d+)\.', lambda m: f'_feature_blocks.res{m[1]}.block{m[1]}-{int(m[2]) - 1}.'), *REGNET,
     sub(r'\.conv3\.conv\.', '.f.c.'), sub(r'\.conv3\.bn\.', '.f.final_bn.'), sub(r'\.se\.fc1\.',
     '.f.se.excitation.0.'),
     sub(r'\.se\.fc2\.', '.f.se.excitation.2.'), sub(r'\.downsample\.conv\.', '.proj.'), sub(r'\.downsample\.bn\.',
     '.bn.'),
     before('trunk.'), sub(r'^trunk\.head\.fc\.', 'heads.0.clf.0.'),
     add({'heads.0.projection_head.0.weight': (8, 8), 'heads.0.prototypes0.weight': (8, 8)}), wrap=seer,
     wrapped=['classy_state_dict', 'base_model', 'model'], big=True)
form('sequencer/original', 'sequencer2d_s', sub(r'^stages\.(\d)\.downsample\.',
     lambda m: f'blocks.{int(m[1]) - 1}.{(4, 3, 8)[int(m[1]) - 1]}.'),
     sub(r'^stages\.(\d)\.blocks\.', r'blocks.\1.'), sub(r'^head\.fc\.', 'head.'), wrap=['model'], big=True)
TNT = [
    add({'outer_tokens': (1, 196, 384)}), sub('^patch_pos', 'outer_pos'), sub('^pixel_pos', 'inner_pos'),
     sub('^pixel_embed', 'patch_embed'),
    sub('^norm(1|2)_proj', r'proj_norm\1'), sub(r'\.norm(1|2)_proj', r'.proj_norm\1'), sub('norm_in', 'inner_norm1'),
    sub('attn_in', 'inner_attn'), sub('norm_mlp_in', 'inner_norm2'), sub('mlp_in', 'inner_mlp'), sub('norm_out',
     'outer_norm1'),
    sub('attn_out', 'outer_attn'), sub('norm_mlp', 'outer_norm2'), sub(r'\.mlp\.', '.outer_mlp.'),
]
form('tnt/original_legacy', 'tnt_s_legacy_patch16_224', *TNT)
form('tnt/original', 'tnt_s_patch16_224', *TNT, shape('^inner_pos', lambda s: (1, s[2] * s[3], s[1])))
form('tresnet/original', 'tresnet_m', sub(r'(layer[23]\.0\.conv2)\.conv\.', r'\1.0.0.'),
     sub(r'(layer[23]\.0\.conv2)\.bn\.', r'\1.0.1.'),
     sub(r'(conv\d)\.conv\.', r'\1.0.'), sub(r'(conv\d)\.bn\.', r'\1.1.'), sub(r'(downsample\.\d)\.conv\.', r'\1.0.'),
     sub(r'(downsample\.\d)\.bn\.', r'\1.1.'), wrap=['model'])
form('vgg/torchvision', 'vgg11', sub(r'^pre_logits\.fc1\.', 'classifier.0.'), sub(r'^pre_logits\.fc2\.',
     'classifier.3.'),
     sub(r'^head\.fc\.', 'classifier.6.'), shape(r'classifier\.[03]\.weight', lambda s: (s[0], s[1] * s[2] * s[3])),
     big=True)
form('nextvit/original', 'nextvit_small', sub(r'^stages\.(\d)\.blocks\.(\d+)\.',
     lambda m: f'features.{sum((3, 4, 10, 3)[:int(m[1])]) + int(m[2])}.'),
     sub(r'\.mlp\.fc(\d)\.', r'.mlp.conv\1.'), sub(r'^head\.fc\.', 'proj_head.0.'), big=True)
form('ghostnet/original', 'ghostnetv3_050', sub(r'(\.ghost.*|\.dw_rpr_.*)bn1\.', r'\1bn.'),
     add({'total_ops': (), 'total_params': (), 'blocks.0.0.ghost1.total_ops': ()}), wrap=['state_dict'], big=True)
CPUBONE = [
    sub(r'\.conv_proj\.conv\.', '.conv_proj.0.'), sub(r'\.conv_proj\.norm\.', '.conv_proj.1.'), sub(r'\.pwise\.',
     '.pwise.0.'),
    sub(r'^head\.in_conv\.', 'head.op_list.0.'), sub(r'^head\.pre_classifier\.', 'head.op_list.2.'),
    sub(r'^head\.classifier\.', 'head.op_list.3.'), sub(r'^stem\.', 'backbone.input_stem.op_list.'),
    sub(r'^stages\.(\d)\.', r'backbone.stages.\1.op_list.'),
]
form('cpubone/original', 'cpubone_nano', *CPUBONE, big=True)
form('cpubone/original_norms', 'cpubone_b0_bfrobust',
     lambda s: s.update({re.sub(r'\.norm\.running_mean$',
     '.conv.1.bias' if n[:-18] + 'conv.1.weight' in s else '.conv.bias', n): s[n] for n in
                         [n for n in s if re.search(r'\.(inverted|depth)_conv\.norm\.running_mean$', n)]}), *CPUBONE)
CSAT_DEPTHS = {1: 3, 2: 3, 3: 9}
form('csatv2/original', 'csatv2', sub(r'^stem_dct\.', 'dct.'), sub(r'\.conv_y\.', '.Y_Conv.'), sub(r'\.conv_cb\.',
     '.Cb_Conv.'),
     sub(r'\.conv_cr\.', '.Cr_Conv.'), sub(r'\.grn\.weight', '.grn.gamma'), sub(r'\.grn\.bias', '.grn.beta'),
     shape(r'\.grn\.', lambda s: (1, 1, 1) + s), sub(r'\.mlp\.fc1\.', '.ff.net.0.'), sub(r'\.mlp\.fc2\.',
     '.ff.net.3.'),
     sub(r'\.norm1\.', '.attn_norm.'), sub(r'\.norm2\.', '.ff_norm.'), sub(r'\.attn\.attn\.qkv\.',
     '.attention.attention.attn.to_qkv.'),
     sub(r'\.attn\.attn\.pos_embed\.', '.attention.attention.attn.pos_embed.'), sub(r'\.attn\.attn\.',
     '.attention.attention.'),
     sub(r'(?<!attention)\.attn\.qkv\.', '.attention.to_qkv.'), sub(r'(?<!attention)\.attn\.proj\.',
     '.attention.to_out.0.'),
     sub(r'^(stages\.\d\.\d+)\.pos_embed\.', r'\1.attention.pos_embed.'), sub(r'(?<!attention)\.attn\.',
     '.attention.'),
     sub(r'^stages\.0\.', 'stages1.'), sub(r'^stages\.([123])\.0\.',
     lambda m: f'stages{m[1]}.{CSAT_DEPTHS[int(m[1])]}.'),
     sub(r'^stages\.(\d)\.(\d+)\.', lambda m: f'stages{int(m[1]) + 1}.{int(m[2]) - 1}.'), sub(r'^head\.norm\.',
     'norm.'),
     sub(r'^head\.fc\.', 'head.'), big=True)
