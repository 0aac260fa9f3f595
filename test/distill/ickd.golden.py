"""Makes ickd.golden.json: the inter-channel correlation loss and its gradient.

The formula is that of Cifar100/distiller_zoo/ICKD.py in https://github.com/ADLab-AutoDrive/ICKD, after its connector.

python3 ickd.golden.py > ickd.golden.json    (PyTorch 1.13, one thread)
"""
import json, torch

torch.set_num_threads(1)
torch.manual_seed(5)

def correlations(feature):
    maps = feature.flatten(2)
    return torch.nn.functional.normalize(torch.einsum("ncp,ndp->ncd", maps, maps), dim=2)

def values(x):
    return {"shape": list(x.shape), "data": [float(f"{v:.9g}") for v in x.detach().flatten().tolist()]}

def case(student_size, teacher_size):
    student = torch.randn(4, 5, student_size, student_size, requires_grad=True)
    teacher = torch.randn(4, 5, teacher_size, teacher_size)
    images, channels = student.shape[:2]
    loss = (correlations(student) - correlations(teacher)).pow(2).sum() / (images * channels)
    loss.backward()
    return {"method": "ickd", "reference": "ADLab-AutoDrive/ICKD Cifar100/distiller_zoo/ICKD.py (connected features given)",
            "options": {}, "inputs": {"studentFeature": values(student), "teacherFeature": values(teacher)},
            "loss": loss.item(), "gradients": {"studentFeature": values(student.grad)}}

print(json.dumps({"note": "PyTorch 1.13; made by ickd.golden.py", "cases": [case(4, 4), case(3, 4)]}))
